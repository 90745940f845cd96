// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Where a story is shown while it runs. Members may be called from any thread.</summary>
internal interface IStoryView
{
    /// <summary>Runs the story and shows it meanwhile.</summary>
    void Run(Action story);

    /// <summary>A line of somebody's console.</summary>
    /// <param name="who">Whose: a letter of the story's cast.</param>
    /// <param name="text">One line.</param>
    void Line(string who, string text);

    /// <summary>A step begins.</summary>
    void Begin(string step);

    /// <summary>A step has ended.</summary>
    void End(StoryStep step);
}
