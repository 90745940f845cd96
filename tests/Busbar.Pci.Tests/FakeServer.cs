// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>A server that says what a script tells it, right or wrong: words as <see cref="RawClient"/> writes them, and more.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly UnixListener _listener;
    private readonly MappedMemory _memory = MappedMemory.CreateSealed("fake", 1 << 16);
    private readonly EventFd _doorbell = EventFd.Create();
    private UnixConnection? _connection;

    /// <summary>What "7x" brings: memory of another kind.</summary>
    public MappedMemory? OtherMemory { get; init; }

    public FakeServer()
    {
        Path = _folder.File("s");
        _listener = UnixListener.Bind(Path);
    }

    public string Path { get; }

    /// <summary>A client that has been told the script by the time it looks.</summary>
    public IvshmemClient Connect(string script, int timeoutMs = 10_000, bool trustsMemory = false)
    {
        var teller = new Thread(() =>
        {
            AcceptOne();
            Say(script);
        });
        teller.Start();
        try
        {
            return IvshmemClient.Connect(Path, timeoutMs, trustsMemory);
        }
        finally
        {
            teller.Join();
        }
    }

    /// <summary>Waits for a client to connect.</summary>
    public void AcceptOne()
    {
        using var poller = new Poller(1);
        poller.Add(_listener.Descriptor, PollEvents.Readable);
        poller.Wait(10_000, new PollReady[1]);
        Assert.Equal(AcceptResult.Accepted, _listener.TryAccept(out _connection));
    }

    /// <summary>Says one number without end, until the client hangs up.</summary>
    public void Chatter(long value)
    {
        using var poller = new Poller(1);
        var ready = new PollReady[1];
        poller.Add(_connection!.Descriptor, PollEvents.Writable);
        while (true)
        {
            poller.Wait(1000, ready);
            while (_connection.TrySend(value) is var result && result != SendResult.WouldBlock)
            {
                if (result == SendResult.Closed) return;
            }
        }
    }

    /// <summary>
    /// Words: "7" a number; "7+" with a doorbell; "7m" with memory; "7x" with <see cref="OtherMemory"/>; "7e" with an empty memory object; "7++" with two doorbells; "half" three bytes;
    /// "7*65" with a doorbell, 65 times; "end" closes.
    /// </summary>
    public void Say(string script)
    {
        foreach (string word in script.Split(' ', StringSplitOptions.RemoveEmptyEntries)) SayWord(word);
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _listener.Dispose();
        _memory.Dispose();
        _doorbell.Dispose();
        _folder.Dispose();
    }

    private void SayWord(string word)
    {
        if (word == "end")
        {
            _connection!.Dispose();
            return;
        }

        if (word == "half")
        {
            _connection!.TrySend([1, 0, 0], []);
            return;
        }

        long value = long.Parse(word.TrimEnd('+', 'm', 'e', 'x').Split('*')[0]);
        if (word.EndsWith("++", StringComparison.Ordinal))
        {
            _connection!.TrySend(BitConverter.GetBytes(value), [_doorbell.Descriptor, _doorbell.Descriptor]);
        }
        else if (word.Contains('*', StringComparison.Ordinal))
        {
            for (int i = int.Parse(word.Split('*')[1]); i > 0; i--) _connection!.TrySend(value, _doorbell.Descriptor);
        }
        else if (word.EndsWith('e'))
        {
            using MappedMemory empty = MappedMemory.OpenOrCreate(_folder.File("odd"), 100, out _);
            _connection!.TrySend(value, empty.Descriptor);
        }
        else
        {
            _connection!.TrySend(value, word.EndsWith('+') ? _doorbell.Descriptor : word.EndsWith('m') ? _memory.Descriptor : word.EndsWith('x') ? OtherMemory!.Descriptor : null);
        }
    }
}
