// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;

namespace Busbar.Cli;

/// <summary>
/// Carries events out of where they happen (a node's lock, a server's thread) to the one thread that prints them. Posting never waits: whoever makes events faster than they
/// are taken loses the oldest ones, and how many is printed in their place.
/// </summary>
internal sealed class EventQueue
{
    private const int Length = 4096;

    private readonly Channel<EventLine> _lines;
    private long _lost;

    public EventQueue() => _lines = Channel.CreateBounded<EventLine>(
        new BoundedChannelOptions(Length) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
        _ => Interlocked.Increment(ref _lost));

    /// <summary>Queues an event. Any thread; never waits.</summary>
    public void Post(EventLine line) => _lines.Writer.TryWrite(line);

    /// <summary>Prints events until the token is cancelled, then what is left.</summary>
    /// <param name="writer">Prints.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="act">Called with each event before it is printed, on the thread that prints.</param>
    /// <param name="next">Called with each event after it was printed.</param>
    public void Run(EventWriter writer, CancellationToken stop, Action<EventLine>? act = null, Action<EventLine>? next = null)
    {
        try
        {
            while (true)
            {
                ValueTask<EventLine> arrival = _lines.Reader.ReadAsync(stop);
                EventLine line = arrival.IsCompletedSuccessfully ? arrival.Result : arrival.AsTask().GetAwaiter().GetResult();
                act?.Invoke(line);
                TellLost(writer);
                writer.Write(line);
                next?.Invoke(line);
            }
        }
        catch (OperationCanceledException)
        {
            Drain(writer);
        }
    }

    /// <summary>Prints what is queued.</summary>
    public void Drain(EventWriter writer)
    {
        while (_lines.Reader.TryRead(out EventLine? line))
        {
            TellLost(writer);
            writer.Write(line);
        }
    }

    private void TellLost(EventWriter writer)
    {
        if (Interlocked.Exchange(ref _lost, 0) is var lost and > 0) writer.Write(new EventLine { Event = "events_lost", Count = lost });
    }
}
