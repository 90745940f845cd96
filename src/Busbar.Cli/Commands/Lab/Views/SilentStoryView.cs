// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Shows nothing but the step that runs now, on a stderr that is a terminal; stdout is for the report alone.</summary>
internal sealed class SilentStoryView : IStoryView
{
    private readonly Lock _gate = new();
    private Progress? _progress;

    public void Run(Action story)
    {
        using var progress = new Progress();
        _progress = progress;
        story();
        lock (_gate) _progress = null;
    }

    public void Line(string who, string text)
    {
    }

    public void Begin(string step)
    {
        lock (_gate) _progress?.Show("lab: " + step);
    }

    public void End(StoryStep step)
    {
    }
}
