// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>Receives that nobody's thread waits for: whoever polls next completes them; with nobody else there, that is the agent.</content>
public sealed partial class MctpNode
{
    private readonly List<AsyncReceive> _asyncReceivers = [];

    /// <summary>Receives now, or parks the request until a message arrives.</summary>
    internal ValueTask<MctpReceiveResult> ReceiveAsync(MctpSocket socket, MctpSocketCore core, Memory<byte> buffer, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled<MctpReceiveResult>(cancellation);
        AsyncReceive receive;
        using (_gate.Hold())
        {
            // Behind a receive that waits already, messages go to that one first.
            MctpReceiveResult result = default;
            ReceiveOutcome outcome = IsAwaited(core) ? ReceiveOutcome.Nothing : Look(core, buffer.Span, Now, out result);
            if (outcome == ReceiveOutcome.Received) return ValueTask.FromResult(result);
            if (outcome == ReceiveOutcome.Closed)
                return ValueTask.FromException<MctpReceiveResult>(new MctpException(MctpError.Closed, "the socket is closed"));
            if (outcome == ReceiveOutcome.LinkDown) return ValueTask.FromException<MctpReceiveResult>(AsyncReceive.LinkDown());
            receive = socket.RentAsyncReceive();
            receive.Prepare(core, buffer);
            _asyncReceivers.Add(receive);
            PassOn();
        }

        receive.CancelWith(this, cancellation);
        return receive.Task;
    }

    internal void CancelAsyncReceive(AsyncReceive receive, CancellationToken cancellation)
    {
        bool mine;
        using (_gate.Hold()) mine = _asyncReceivers.Remove(receive);
        if (mine) receive.Fail(new OperationCanceledException(cancellation));
    }

    // The caller holds the lock. Completions run their continuations elsewhere, never under the lock.
    private void CompleteAsyncReceivers()
    {
        for (int i = 0; i < _asyncReceivers.Count; i++)
        {
            // In the order in which they came: several receives of one socket get its messages in turn.
            AsyncReceive receive = _asyncReceivers[i];
            if (!receive.Core.HasEvent) continue;
            if (_stack.TryReceive(receive.Core, receive.Buffer.Span, out MctpReceiveResult result))
            {
                _asyncReceivers.RemoveAt(i--);
                receive.Complete(result);
            }
            else if (receive.Core.TakeError() != SocketFault.None)
            {
                _asyncReceivers.RemoveAt(i--);
                receive.Fail(AsyncReceive.LinkDown());
            }
        }
    }

    // The caller holds the lock.
    private bool IsAwaited(MctpSocketCore core)
    {
        foreach (AsyncReceive receive in _asyncReceivers)
        {
            if (ReferenceEquals(receive.Core, core)) return true;
        }

        return false;
    }

    // The caller holds the lock.
    private void FailAsyncReceivers(MctpSocketCore? core)
    {
        for (int i = _asyncReceivers.Count - 1; i >= 0; i--)
        {
            AsyncReceive receive = _asyncReceivers[i];
            if (core is not null && !ReferenceEquals(receive.Core, core)) continue;
            _asyncReceivers.RemoveAt(i);
            receive.Fail(new MctpException(MctpError.Closed, "the socket is closed"));
        }
    }
}
