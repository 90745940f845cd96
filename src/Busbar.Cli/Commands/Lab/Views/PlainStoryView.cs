// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Lines with the speaker's letter in front, for files and pipes: <c>A| ...</c>, <c>B| ...</c>, and <c>=| ...</c> for the story itself.</summary>
internal sealed class PlainStoryView : IStoryView
{
    private readonly Lock _gate = new();

    public void Run(Action story) => story();

    public void Line(string who, string text)
    {
        lock (_gate) Console.Out.WriteLine($"{who}| {text}");
    }

    public void Begin(string step) => Line("=", step);

    public void End(StoryStep step) =>
        Line("=", $"{(step.Ok ? Terminal.Good("ok") : Terminal.Bad("FAILED"))} ({step.ElapsedS:0.0} s){(step.Detail is null ? string.Empty : ": " + step.Detail)}");
}
