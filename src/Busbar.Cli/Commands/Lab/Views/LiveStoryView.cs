// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Busbar.Cli;

/// <summary>The consoles side by side on a terminal, the steps below them; redrawn while the story runs, and left standing at the end.</summary>
internal sealed class LiveStoryView : IStoryView
{
    private const int MostSteps = 12;
    private const int Frame = 8;

    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly IReadOnlyList<StoryRole> _cast;
    private readonly Dictionary<string, Queue<string>> _lines = new(StringComparer.Ordinal);
    private readonly List<StoryStep> _steps = [];
    private readonly int _height;
    private string? _current;
    private long _currentSince;

    public LiveStoryView(IReadOnlyList<StoryRole> cast)
    {
        _cast = cast;
        _height = Math.Max(6, AnsiConsole.Profile.Height - MostSteps - Frame);
        foreach (StoryRole role in cast) _lines[role.Letter] = new Queue<string>();
    }

    public void Run(Action story)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                story();
            }
            catch (Exception caught)
            {
                failure = caught;
            }
        })
        { Name = "story" };
        AnsiConsole.Live(Draw()).AutoClear(false).Start(context =>
        {
            thread.Start();
            while (!thread.Join(s_redraw)) context.UpdateTarget(Draw());
            context.UpdateTarget(Draw());
        });
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    public void Line(string who, string text)
    {
        lock (_gate)
        {
            if (!_lines.TryGetValue(who, out Queue<string>? lines)) return;
            lines.Enqueue(text);
            while (lines.Count > _height) lines.Dequeue();
        }
    }

    public void Begin(string step)
    {
        lock (_gate) (_current, _currentSince) = (step, Stopwatch.GetTimestamp());
    }

    public void End(StoryStep step)
    {
        lock (_gate)
        {
            _current = null;
            _steps.Add(step);
        }
    }

    private Rows Draw()
    {
        lock (_gate)
        {
            var consoles = new Table().Border(TableBorder.Rounded).Expand();
            int width = Math.Max(20, (AnsiConsole.Profile.Width / _cast.Count) - 4);
            foreach (StoryRole role in _cast) consoles.AddColumn(new TableColumn(Markup.Escape($"{role.Letter}: {role.Name}")).Width(width));
            consoles.AddRow(_cast.Select(role => (IRenderable)new Text(Console(role.Letter, width))));
            var steps = new List<string>();
            foreach (StoryStep step in _steps.TakeLast(MostSteps))
            {
                string mark = step.Ok ? "[green]ok[/]    " : "[red]FAILED[/]";
                steps.Add($"{mark} {Markup.Escape(step.Name)} ({step.ElapsedS:0.0} s){(step.Detail is null ? string.Empty : ": " + Markup.Escape(step.Detail))}");
            }

            if (_current is not null) steps.Add($"[yellow]...[/]    {Markup.Escape(_current)} ({Stopwatch.GetElapsedTime(_currentSince).TotalSeconds:0} s)");
            return new Rows(consoles, new Markup(string.Join('\n', steps)));
        }
    }

    // Lines are cut, not wrapped, so that the table keeps its height.
    private string Console(string who, int width)
    {
        IEnumerable<string> lines = _lines[who].Select(line => line.Length <= width ? line : line[..(width - 1)] + "…");
        return string.Join('\n', lines.Concat(Enumerable.Repeat(string.Empty, _height)).Take(_height));
    }
}
