// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Endpoints;

/// <summary>
/// The asking side of the echo protocol (as mctp-req is): sends <c>cc de f0</c> and data, and compares every byte of what comes back.
/// Use one per thread.
/// </summary>
public sealed class EchoClient : IDisposable
{
    /// <summary>Bytes of the shortest request: the prefix alone.</summary>
    public const int SmallestSize = VendorPrefix.Length;

    /// <summary>Bytes of the longest request: with its type byte it is a message of 65,536 bytes.</summary>
    public const int LargestSize = 65_535;

    private const int Tags = 8;

    // Between two looks whether a tag has cooled down.
    private static readonly TimeSpan s_tagInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_downInterval = TimeSpan.FromMilliseconds(1);

    // Prime, so that neighbouring messages start at unlike places of the pattern and a stale buffer never looks right.
    private const int PatternStride = 251;
    private const int PatternShifts = 4096;

    private readonly MctpSocket _socket;
    private readonly MctpEndPoint _peer;
    private readonly byte[] _pattern = new byte[LargestSize + (PatternShifts * PatternStride)];
    private readonly byte[] _request = new byte[LargestSize];
    private readonly byte[] _answer = new byte[LargestSize + 1];

    // The requests in flight, by the value of their tag.
    private readonly Flight?[] _flights = new Flight?[Tags];
    private int _message;

    /// <summary>Opens a client.</summary>
    /// <param name="source">The node, or the kernel, to send from.</param>
    /// <param name="peer">Whom to ask; the type is set to 0x7e and the tag to "owner".</param>
    /// <param name="seed">Decides the data that is sent.</param>
    public EchoClient(IMctpSocketSource source, in MctpEndPoint peer, int seed = 1)
    {
        _socket = source.OpenSocket();
        _peer = peer with { Type = MessageType.VendorPci, Tag = MctpTag.Owner };
        new Random(seed).NextBytes(_pattern);
    }

    /// <summary>Sends requests of one size: the first half one by one for the times, the rest with several in flight for the rate.</summary>
    /// <param name="size">Bytes of each, <see cref="SmallestSize"/> to <see cref="LargestSize"/>.</param>
    /// <param name="count">How many.</param>
    /// <param name="inFlight">How many at the same time in the second half, 1 to 8 (there are eight tags).</param>
    /// <param name="timeout">How long to wait for each answer.</param>
    /// <param name="cancel">Ends the run early; the tally holds what was done.</param>
    public EchoTally Run(int size, int count, int inFlight, TimeSpan timeout, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inFlight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inFlight, Tags);
        EnsureSize(size);
        var tally = new EchoTally { Size = size };
        int alone = inFlight == 1 ? count : (count + 1) / 2;
        for (int i = 0; i < alone && !cancel.IsCancellationRequested; i++) Ask(tally, timeout);
        int together = count - alone;
        if (together > 0 && !cancel.IsCancellationRequested) Pipeline(tally, together, inFlight, timeout, cancel);
        else if (tally.Times.Count > 0) tally.MessagesPerSecond = 1e6 / tally.Times.Average;
        return tally;
    }

    /// <summary>Sends one request and waits for its answer.</summary>
    /// <param name="tally">Counts it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <returns>What became of it, and the microseconds it took.</returns>
    public (EchoOutcome Outcome, double Microseconds) Ask(EchoTally tally, TimeSpan timeout)
    {
        EnsureSize(tally.Size);
        long start = Stopwatch.GetTimestamp();
        if (!TrySend(tally, timeout, mayWaitForTag: true)) return (EchoOutcome.Lost, 0);
        EchoOutcome outcome = Collect(tally, timeout);
        long ticks = Stopwatch.GetTimestamp() - start;
        if (outcome == EchoOutcome.Intact) tally.Times.Add(ticks);
        return (outcome, ticks * 1e6 / Stopwatch.Frequency);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void EnsureSize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SmallestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestSize);
    }

    private void Pipeline(EchoTally tally, int count, int inFlight, TimeSpan timeout, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        int intactBefore = tally.Intact;
        int flying = 0;
        int left = count;
        while ((left > 0 || flying > 0) && !cancel.IsCancellationRequested)
        {
            while (left > 0 && flying < inFlight)
            {
                int sentBefore = tally.Sent;
                if (TrySend(tally, timeout, mayWaitForTag: flying == 0)) flying++;
                if (tally.Sent == sentBefore) break;
                left--;
            }

            if (flying == 0) continue;

            // A lost answer ends the flights of all that were sent before it looked lost: their time is up as well.
            flying = Collect(tally, timeout) == EchoOutcome.Lost ? 0 : flying - 1;
        }

        GiveUpFlights();
        tally.MessagesPerSecond = (tally.Intact - intactBefore) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // False means that nothing is on its way. Unless it was only for want of a tag, the request is counted as sent, and so as lost.
    private bool TrySend(EchoTally tally, TimeSpan timeout, bool mayWaitForTag)
    {
        int shift = _message % PatternShifts * PatternStride;
        Span<byte> request = _request.AsSpan(0, tally.Size);
        VendorPrefix.Echo.CopyTo(request);
        _pattern.AsSpan(shift, request.Length - VendorPrefix.Length).CopyTo(request[VendorPrefix.Length..]);
        _socket.SendTimeout = timeout;
        long deadline = MctpNode.Now + (long)timeout.TotalMilliseconds;
        while (true)
        {
            try
            {
                MctpTag tag = _socket.SendTo(request, _peer);
                _flights[tag.Value] = new Flight(tag, tally.Size, shift);
                _message++;
                tally.Sent++;
                return true;
            }
            catch (MctpException failure) when (failure.Error == MctpError.NoTag && MctpNode.Now < deadline)
            {
                // The tags of requests that were lost a moment ago still cool down.
                if (!mayWaitForTag) return false;
                _socket.Pause(s_tagInterval);
            }
            catch (MctpException failure) when (failure.Error is MctpError.TimedOut or MctpError.LinkDown or MctpError.NoTag or MctpError.WouldBlock)
            {
                // A link that is down refuses at once; a long run must not turn that into a busy loop.
                if (failure.Error == MctpError.LinkDown) _socket.Pause(s_downInterval);
                tally.Sent++;
                return false;
            }
        }
    }

    private EchoOutcome Collect(EchoTally tally, TimeSpan timeout)
    {
        long deadline = MctpNode.Now + (long)timeout.TotalMilliseconds;
        while (true)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(Math.Max(0, deadline - MctpNode.Now));
            if (!_socket.TryReceiveFrom(_answer, left, out MctpReceiveResult result))
            {
                GiveUpFlights();
                return EchoOutcome.Lost;
            }

            // Whatever is not the answer to one of our requests is none of our business.
            if (result.From.Tag.IsOwner || _flights[result.From.Tag.Value] is not { } flight) continue;
            _flights[result.From.Tag.Value] = null;
            if (IsIntact(flight, result))
            {
                tally.Intact++;
                return EchoOutcome.Intact;
            }

            tally.Corrupt++;
            return EchoOutcome.Corrupt;
        }
    }

    private bool IsIntact(Flight flight, in MctpReceiveResult result)
    {
        if (result.Length != flight.Size || result.Truncated || result.From.Type != _peer.Type) return false;
        ReadOnlySpan<byte> answer = _answer.AsSpan(0, flight.Size);
        return answer.StartsWith(VendorPrefix.Echo)
            && answer[VendorPrefix.Length..].SequenceEqual(_pattern.AsSpan(flight.Shift, flight.Size - VendorPrefix.Length));
    }

    private void GiveUpFlights()
    {
        for (int i = 0; i < Tags; i++)
        {
            if (_flights[i] is { } flight) _socket.Abandon(_peer, flight.Tag);
            _flights[i] = null;
        }
    }

    private readonly record struct Flight(MctpTag Tag, int Size, int Shift);
}
