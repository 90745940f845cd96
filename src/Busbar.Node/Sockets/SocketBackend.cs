// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>What does the work behind an <see cref="MctpSocket"/>. What a backend cannot do it refuses with <see cref="MctpError.NotSupported"/>.</summary>
internal abstract class SocketBackend
{
    public abstract int Available { get; }

    /// <summary>Answers that nobody asked for.</summary>
    public virtual int Strays => 0;

    public abstract ReceiveOutcome Receive(Span<byte> buffer, TimeSpan timeout, out MctpReceiveResult result);

    public abstract ValueTask<MctpReceiveResult> ReceiveAsync(MctpSocket socket, Memory<byte> buffer, CancellationToken cancellation);

    public abstract SendStatus TrySend(in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, out MctpTag tag);

    public abstract SendStatus WaitAndSend(in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, long deadline, out MctpTag tag);

    public abstract SendStatus SendPacket(int link, ReadOnlySpan<byte> packet, in PhysicalAddress to);

    public abstract void Bind(in MctpEndPoint local);

    public abstract void Connect(in MctpEndPoint peer);

    public abstract MctpTag? AllocateTag(in MctpEndPoint peer);

    public abstract void ReleaseTag(in MctpEndPoint peer, MctpTag tag);

    public abstract void Abandon(in MctpEndPoint to, MctpTag tag);

    public virtual void CountStray()
    {
    }

    public abstract void Flush();

    /// <summary>Lets time pass; links that need this thread are served meanwhile.</summary>
    public abstract void Pause(TimeSpan time);

    /// <summary>One bounded turn of whatever moves packets.</summary>
    public abstract void TakeTurn();

    public abstract void Close();
}
