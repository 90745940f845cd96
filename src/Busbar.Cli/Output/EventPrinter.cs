// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>An <see cref="EventQueue"/> with the thread that prints it.</summary>
internal sealed class EventPrinter : IDisposable
{
    private readonly EventQueue _events = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Thread _thread;
    private bool _disposed;

    /// <param name="writer">Prints.</param>
    public EventPrinter(EventWriter writer)
    {
        _thread = new Thread(() => _events.Run(writer, _end.Token)) { IsBackground = true, Name = "events" };
        _thread.Start();
    }

    /// <summary>Queues an event. Any thread; never waits.</summary>
    public void Post(EventLine line) => _events.Post(line);

    /// <summary>Prints what is queued, and ends.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _end.Cancel();
        _thread.Join();
        _end.Dispose();
    }
}
