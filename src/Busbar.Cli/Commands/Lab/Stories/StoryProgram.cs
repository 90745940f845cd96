// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>
/// A busbar command that takes part in a story and prints events as JSON lines. What it says is shown as lines for people; events are kept until
/// somebody expects them.
/// </summary>
internal abstract class StoryProgram : IDisposable
{
    // Kept until somebody asks; a program that talks for longer than any story loses its oldest events, and is still counted right.
    private const int MostEvents = 100_000;

    private readonly object _gate = new();
    private readonly Queue<EventLine> _events = new();
    private readonly Dictionary<(string Event, string? Link), (int Count, EventLine Last)> _counts = [];
    private readonly Action<string> _show;
    private Thread? _reader;
    private string _shown = string.Empty;
    private bool _ended;

    protected StoryProgram(Action<string> show) => _show = show;

    /// <summary>What was started, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>Gives it a line of input.</summary>
    public abstract void Command(string line);

    /// <summary>Sends it a signal.</summary>
    public abstract void Signal(Signal signal);

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="CommandException">It does not end in time.</exception>
    public abstract int WaitForExit(TimeSpan limit);

    /// <summary>Waits for an event and passes over others.</summary>
    /// <param name="wanted">Its name.</param>
    /// <param name="limit">How long.</param>
    /// <exception cref="CommandException">It does not come.</exception>
    public EventLine Expect(string wanted, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (true)
            {
                while (_events.TryDequeue(out EventLine? line))
                {
                    if (line.Event == wanted) return line;
                    if (line.Event == "error") throw new CommandException(ExitCode.PeerError, $"'{Name}' refuses: {line.Message}");
                }

                WaitOrThrow(wanted, start, limit);
            }
        }
    }

    /// <summary>How many events of a name there were.</summary>
    /// <param name="name">The name.</param>
    /// <param name="link">The link that they name, null for none.</param>
    public int Count(string name, string? link)
    {
        lock (_gate) return _counts.TryGetValue((name, link), out (int Count, EventLine Last) found) ? found.Count : 0;
    }

    /// <summary>Waits until there were a number of events of a name; leaves them to <see cref="Expect"/>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="link">The link that they name, null for none.</param>
    /// <param name="count">How many, from the start.</param>
    /// <param name="limit">How long.</param>
    /// <returns>The last one of them.</returns>
    /// <exception cref="CommandException">They do not come.</exception>
    public EventLine ExpectCount(string name, string? link, int count, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (true)
            {
                if (_counts.TryGetValue((name, link), out (int Count, EventLine Last) found) && found.Count >= count) return found.Last;
                if (_counts.TryGetValue(("error", link), out (int Count, EventLine Last) error))
                    throw new CommandException(ExitCode.PeerError, $"'{Name}' refuses: {error.Last.Message}");
                WaitOrThrow(name, start, limit);
            }
        }
    }

    public virtual void Dispose()
    {
        _reader?.Join(TimeSpan.FromSeconds(5));
        GC.SuppressFinalize(this);
    }

    /// <summary>The next line of output, or null behind the last one.</summary>
    protected abstract string? ReadLine();

    /// <summary>What it said last when it ended too early.</summary>
    protected abstract string LastWords();

    /// <summary>Starts to read; a derived class calls it when it can be read from.</summary>
    protected void StartReading()
    {
        _reader = new Thread(Read) { IsBackground = true, Name = "story events" };
        _reader.Start();
    }

    private void Read()
    {
        while (ReadLine() is { } text)
        {
            if (Parse(text) is not { } line)
            {
                _show(text);
                continue;
            }

            if (IsNews(line)) _show(line.ToText());
            lock (_gate)
            {
                _events.Enqueue(line);
                if (_events.Count > MostEvents) _events.Dequeue();
                (string, string?) key = (line.Event, line.Event == "ready" ? null : line.Link);
                _counts[key] = (_counts.TryGetValue(key, out (int Count, EventLine Last) before) ? before.Count + 1 : 1, line);
                Monitor.PulseAll(_gate);
            }
        }

        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    // Called with the gate held; gives it up while it waits.
    private void WaitOrThrow(string wanted, long start, TimeSpan limit)
    {
        if (_ended) throw new CommandException(ExitCode.PeerError, $"'{Name}' ended instead of reporting '{wanted}': {LastWords()}");
        TimeSpan left = limit - Stopwatch.GetElapsedTime(start);
        if (left <= TimeSpan.Zero) throw new CommandException(ExitCode.Unreachable, $"'{Name}' did not report '{wanted}' within {limit.TotalSeconds:0} s");
        Monitor.Wait(_gate, left);
    }

    // One reply of many is enough to see, and each change of the link makes the next one interesting again.
    private bool IsNews(EventLine line)
    {
        if (line.Event == "state") return false;
        string before = _shown;
        _shown = line.Event;
        return line.Event switch
        {
            "reply" or "lost" => before != line.Event,
            _ => true,
        };
    }

    private static EventLine? Parse(string text)
    {
        if (!text.StartsWith('{')) return null;
        try
        {
            return JsonSerializer.Deserialize(text, BusbarJson.Default.EventLine);
        }
        catch (JsonException)
        {
            // Half a line of a program that was killed is for people only.
            return null;
        }
    }
}
