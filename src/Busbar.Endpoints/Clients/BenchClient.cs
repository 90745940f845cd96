// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Endpoints;

/// <summary>The asking side of mctp-bench: has a peer send a run of data messages, or sends one. Use one per thread.</summary>
public sealed class BenchClient : IDisposable
{
    /// <summary>Bytes of the shortest data message without its type byte.</summary>
    public const int SmallestSize = BenchFormat.DataHeader;

    /// <summary>Bytes of the longest data message without its type byte.</summary>
    public const int LargestSize = 65_535;

    private readonly MctpSocket _socket;
    private readonly MctpEndPoint _peer;
    private readonly byte[] _buffer = new byte[LargestSize + 1];
    private uint _instance;

    /// <summary>Opens a client.</summary>
    /// <param name="source">The node or the kernel.</param>
    /// <param name="peer">The other end; the type is set to 0x7e.</param>
    public BenchClient(IMctpSocketSource source, in MctpEndPoint peer)
    {
        _socket = source.OpenSocket();
        _peer = peer with { Type = MessageType.VendorPci, Tag = MctpTag.Owner };
        _socket.Bind(new MctpEndPoint(Eid.Any, MessageType.VendorPci));
    }

    /// <summary>Asks the peer for a run and counts what arrives, until all of it is there or nothing came for the given time.</summary>
    /// <param name="size">Bytes of each message, <see cref="SmallestSize"/> to <see cref="LargestSize"/>.</param>
    /// <param name="count">How many.</param>
    /// <param name="quiet">How long nothing may come.</param>
    /// <param name="observe">Shown the figures after each message; null for nobody.</param>
    /// <param name="cancel">Ends the run early, at the latest after <paramref name="quiet"/>; the result holds what came.</param>
    /// <exception cref="MctpException"><see cref="MctpError.PeerError"/> when the peer refuses, <see cref="MctpError.TimedOut"/> when it does not answer.</exception>
    public BenchResult Receive(int size, long count, TimeSpan quiet, Action<BenchTally>? observe = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SmallestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var tally = new BenchTally();
        Span<byte> ask = stackalloc byte[BenchFormat.Ask];
        BenchFormat.EmitAsk(ask, ++_instance, size, (ulong)count);
        _socket.SendTimeout = quiet;
        _socket.SendTo(ask, _peer);
        long start = Stopwatch.GetTimestamp();
        long last = start;
        bool accepted = false;
        while (tally.Received + tally.Dropped + tally.Invalid < count && !cancel.IsCancellationRequested)
        {
            if (!_socket.TryReceiveFrom(_buffer, quiet, out MctpReceiveResult result)) break;
            ReadOnlySpan<byte> body = _buffer.AsSpan(0, Math.Min(result.Length, _buffer.Length));
            if (body.StartsWith(VendorPrefix.Bench) && BenchFormat.IsCommand(body))
            {
                accepted |= IsOurAnswer(body);
                continue;
            }

            tally.Add(body);
            last = Stopwatch.GetTimestamp();
            observe?.Invoke(tally);
        }

        if (!accepted && !cancel.IsCancellationRequested) throw new MctpException(MctpError.TimedOut, $"EID {_peer.Eid} does not answer bench commands");
        return new BenchResult(tally, Stopwatch.GetElapsedTime(start, last));
    }

    /// <summary>Counts what arrives without asking for it, from anybody.</summary>
    /// <param name="count">How many messages at most.</param>
    /// <param name="observe">Shown the figures after each message, and after each <paramref name="interval"/> without one.</param>
    /// <param name="interval">How long to wait for a message each time.</param>
    /// <param name="cancel">Ends it.</param>
    public BenchResult Listen(long count, Action<BenchTally> observe, TimeSpan interval, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(observe);
        var tally = new BenchTally();
        long start = 0;
        long last = 0;
        while (tally.Received + tally.Dropped + tally.Invalid < count && !cancel.IsCancellationRequested)
        {
            if (_socket.TryReceiveFrom(_buffer, interval, out MctpReceiveResult result))
            {
                ReadOnlySpan<byte> body = _buffer.AsSpan(0, Math.Min(result.Length, _buffer.Length));
                if (body.StartsWith(VendorPrefix.Bench) && BenchFormat.IsCommand(body)) continue;
                tally.Add(body);
                last = Stopwatch.GetTimestamp();
                if (start == 0) start = last;
            }

            observe(tally);
        }

        return new BenchResult(tally, Stopwatch.GetElapsedTime(start, last));
    }

    /// <summary>Sends a run to the peer.</summary>
    /// <param name="size">Bytes of each message.</param>
    /// <param name="count">How many.</param>
    /// <param name="patience">How long to wait for room each time.</param>
    /// <param name="observe">Told how many were sent, after each; null for nobody.</param>
    /// <param name="cancel">Ends the run early.</param>
    /// <returns>How long it took to hand all of it to the link.</returns>
    public TimeSpan Send(int size, long count, TimeSpan patience, Action<long>? observe = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SmallestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestSize);
        byte[] message = new byte[size];
        BenchFormat.EmitData(message);
        MctpTag tag = _socket.AllocateTag(_peer);
        MctpEndPoint to = _peer with { Tag = tag };
        _socket.SendTimeout = patience;
        long start = Stopwatch.GetTimestamp();
        try
        {
            uint sequence = BenchFormat.FirstSequence;
            for (long i = 0; i < count && !cancel.IsCancellationRequested; i++)
            {
                BenchFormat.EmitSequence(message, sequence++);
                _socket.SendTo(message, to);
                observe?.Invoke(i + 1);
            }
        }
        finally
        {
            _socket.ReleaseTag(_peer, tag);
        }

        return Stopwatch.GetElapsedTime(start);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool IsOurAnswer(ReadOnlySpan<byte> body)
    {
        if (BenchFormat.InstanceOf(body) != _instance || !BenchFormat.TryReadAnswer(body, out BenchStatus status)) return false;
        if (status != BenchStatus.Ok) throw new MctpException(MctpError.PeerError, $"EID {_peer.Eid} refuses the run ({status})");
        return true;
    }
}
