// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One of the stories of <c>busbar lab --vm</c>: who takes part, and what happens in which order.</summary>
internal interface IStory
{
    /// <summary>Its number on the command line.</summary>
    int Number { get; }

    /// <summary>What it is about, in one line.</summary>
    string Title { get; }

    /// <summary>True when it boots guests, and so needs an image.</summary>
    bool NeedsGuests { get; }

    /// <summary>Who speaks; drawn side by side.</summary>
    IReadOnlyList<StoryRole> Cast { get; }

    /// <summary>Plays it. A step that does not go as it should throws, and the story ends there.</summary>
    void Tell(StoryStage stage);
}
