// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>Asynchronous forms. They are for programs that wait for many things; the blocking forms are several times faster.</content>
public sealed partial class MctpSocket
{
    private AsyncReceive? _idleReceive;

    /// <summary>Receives one message.</summary>
    /// <param name="buffer">Gets the body without its type byte; must stay untouched until the task completes.</param>
    /// <param name="cancellation">Ends the wait; the message stays for the next receive.</param>
    /// <returns>Where it came from, and its length.</returns>
    public ValueTask<MctpReceiveResult> ReceiveFromAsync(Memory<byte> buffer, CancellationToken cancellation = default) =>
        _backend.ReceiveAsync(this, buffer, cancellation);

    /// <summary>Sends one message; completes at once when there is room.</summary>
    /// <param name="payload">The body without its type byte.</param>
    /// <param name="to">As for <see cref="SendTo"/>.</param>
    /// <param name="cancellation">Ends the wait for room; nothing was sent then.</param>
    /// <returns>The tag that the message carries.</returns>
    public ValueTask<MctpTag> SendToAsync(ReadOnlyMemory<byte> payload, MctpEndPoint to, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<MctpTag>(cancellation);
        SendStatus status = _backend.TrySend(to, payload.Span, more: false, out MctpTag tag);
        return status switch
        {
            SendStatus.Ok => ValueTask.FromResult(tag),
            SendStatus.WouldBlock => WaitForRoomAsync(payload, to, cancellation),
            _ => ValueTask.FromException<MctpTag>(Failures.OfSend(status, to, payload.Length)),
        };
    }

    internal AsyncReceive RentAsyncReceive() => Interlocked.Exchange(ref _idleReceive, null) ?? new AsyncReceive(this);

    internal void ReturnAsyncReceive(AsyncReceive receive) => _idleReceive = receive;

    // Room that a peer frees is not announced by a doorbell, so there is nothing better to await than a short time.
    private async ValueTask<MctpTag> WaitForRoomAsync(ReadOnlyMemory<byte> payload, MctpEndPoint to, CancellationToken cancellation)
    {
        long deadline = MctpNode.DeadlineAfter(SendTimeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            _backend.TakeTurn();
            SendStatus status = _backend.TrySend(to, payload.Span, more: false, out MctpTag tag);
            if (status == SendStatus.Ok) return tag;
            if (status != SendStatus.WouldBlock) throw Failures.OfSend(status, to, payload.Length);
            if (MctpNode.Now >= deadline) break;
        }

        throw new MctpException(MctpError.TimedOut, $"no room on the link within {SendTimeout.TotalMilliseconds:0} ms");
    }
}
