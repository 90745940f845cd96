// SPDX-License-Identifier: Apache-2.0
using System.Threading.Tasks.Sources;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>One asynchronous receive of one socket; reused, so that a receive allocates nothing when it is awaited at once.</summary>
internal sealed class AsyncReceive : IValueTaskSource<MctpReceiveResult>
{
    private readonly MctpSocket _socket;
    private ManualResetValueTaskSourceCore<MctpReceiveResult> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;

    public AsyncReceive(MctpSocket socket) => _socket = socket;

    public MctpSocketCore Core { get; private set; } = null!;

    public Memory<byte> Buffer { get; private set; }

    public ValueTask<MctpReceiveResult> Task => new(this, _source.Version);

    public static MctpException LinkDown() => new(MctpError.LinkDown, "the link went down while an answer was outstanding");

    public void Prepare(MctpSocketCore core, Memory<byte> buffer)
    {
        _source.Reset();
        Core = core;
        Buffer = buffer;
    }

    public void CancelWith(MctpNode node, CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled) return;
        _registration = cancellation.UnsafeRegister(
            static (state, token) =>
            {
                (AsyncReceive receive, MctpNode owner) = ((AsyncReceive, MctpNode))state!;
                owner.CancelAsyncReceive(receive, token);
            },
            (this, node));
    }

    public void Complete(in MctpReceiveResult result) => _source.SetResult(result);

    public void Fail(Exception reason) => _source.SetException(reason);

    MctpReceiveResult IValueTaskSource<MctpReceiveResult>.GetResult(short token)
    {
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _registration.Dispose();
            _registration = default;
            Buffer = default;
            _socket.ReturnAsyncReceive(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<MctpReceiveResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<MctpReceiveResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
