// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A socket of the kernel's AF_MCTP.</summary>
internal sealed class KernelSocketBackend : SocketBackend
{
    // A message with its type byte; the kernel sends longer ones, and every receiver drops them.
    private const int LongestMessage = 65_536;

    // A wait is cut into pieces, because closing the socket in another thread does not end a poll.
    private const int SliceMs = 100;
    private const int RoomIntervalMs = 1;

    private readonly MctpKernelSocket _socket;
    private readonly KernelTags _tags;
    private int _strays;

    public KernelSocketBackend(MctpKernelSocket socket)
    {
        _socket = socket;
        _tags = new KernelTags(socket);
    }

    public override int Strays => _strays;

    public override int Available
    {
        get
        {
            Span<byte> nothing = stackalloc byte[1];
            Span<byte> address = stackalloc byte[MctpKernelSocket.ExtendedAddressSize];
            return _socket.TryReceive(nothing, address, out _, out _, peek: true) == Errno.None ? 1 : 0;
        }
    }

    public override ReceiveOutcome Receive(Span<byte> buffer, TimeSpan timeout, out MctpReceiveResult result)
    {
        long deadline = timeout == TimeSpan.Zero ? 0 : MctpNode.DeadlineAfter(timeout);
        Span<byte> address = stackalloc byte[MctpKernelSocket.ExtendedAddressSize];
        while (true)
        {
            Errno answer = _socket.TryReceive(buffer, address, out int addressLength, out int length);
            if (answer == Errno.None)
            {
                if (MctpEndPoint.TryReadSockaddr(address[..addressLength], out MctpEndPoint from) && (from.Tag.IsOwner || _tags.TryAnswer(from, MctpNode.Now)))
                {
                    result = new MctpReceiveResult(from, length, length > buffer.Length);
                    return ReceiveOutcome.Received;
                }

                CountStray();
                continue;
            }

            result = default;
            if (_socket.Descriptor.IsClosed) return ReceiveOutcome.Closed;
            long left = deadline - MctpNode.Now;
            if (left <= 0) return ReceiveOutcome.Nothing;
            _socket.WaitReadable((int)Math.Min(left, SliceMs));
        }
    }

    public override async ValueTask<MctpReceiveResult> ReceiveAsync(MctpSocket socket, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            ReceiveOutcome outcome = Receive(buffer.Span, TimeSpan.Zero, out MctpReceiveResult result);
            if (outcome == ReceiveOutcome.Received) return result;
            if (outcome == ReceiveOutcome.Closed) throw new MctpException(MctpError.Closed, "the socket is closed");
            await Task.Run(() => _socket.WaitReadable(SliceMs), cancellation).ConfigureAwait(false);
        }
    }

    public override SendStatus TrySend(in MctpEndPoint wanted, ReadOnlySpan<byte> payload, bool more, out MctpTag tag)
    {
        tag = default;
        MctpEndPoint to = WithNetwork(wanted);
        if (_socket.Descriptor.IsClosed) return SendStatus.Closed;
        if (payload.Length >= LongestMessage) return SendStatus.TooLong;
        if (to.Eid.IsReserved || (!to.IsExtended && !to.Eid.IsAssignable)) return SendStatus.BadAddress;
        long now = MctpNode.Now;
        bool chooses = to.Tag is { IsOwner: true, IsPreallocated: false };
        MctpTag chosen = to.Tag;
        if (chooses && !_tags.TryTake(to, now, out chosen, out Errno refusal)) return Translate(refusal, to);
        Span<byte> address = stackalloc byte[MctpEndPoint.ExtendedSize];
        int size = (to with { Tag = chosen }).WriteSockaddr(address);
        Errno answer = _socket.Send(address[..size], payload);
        if (answer == Errno.None)
        {
            tag = chosen;
            return SendStatus.Ok;
        }

        if (chooses) _tags.GiveUp(to, chosen, now, wasSent: false);
        if (answer is Errno.EHOSTUNREACH or Errno.ENETUNREACH or Errno.ENODEV or Errno.ENETDOWN) _tags.Forget(to);
        return Translate(answer, to);
    }

    public override SendStatus WaitAndSend(in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, long deadline, out MctpTag tag)
    {
        while (true)
        {
            SendStatus status = TrySend(to, payload, more, out tag);
            long left = deadline - MctpNode.Now;
            if (status != SendStatus.WouldBlock || left <= 0) return status;

            // A queue of the interface that is full does not show in the socket; so look again after a moment.
            if (_socket.WaitWritable((int)Math.Min(left, SliceMs))) Pause(TimeSpan.FromMilliseconds(RoomIntervalMs));
        }
    }

    public override SendStatus SendPacket(int link, ReadOnlySpan<byte> packet, in PhysicalAddress to) => SendStatus.WrongKind;

    public override void Bind(in MctpEndPoint local)
    {
        Span<byte> address = stackalloc byte[MctpEndPoint.Size];
        WritePlain(local, address);
        ThrowIfRefused(_socket.Bind(address), local, "bind");
    }

    public override void Connect(in MctpEndPoint peer)
    {
        Span<byte> address = stackalloc byte[MctpEndPoint.Size];
        WritePlain(peer, address);
        ThrowIfRefused(_socket.Connect(address), peer, "connect");
    }

    public override MctpTag? AllocateTag(in MctpEndPoint peer) => _tags.Lend(WithNetwork(peer), MctpNode.Now, out MctpTag tag) switch
    {
        Errno.None => tag,
        Errno.EBUSY => null,
        Errno.EBADF => throw new MctpException(MctpError.Closed, "the socket is closed"),
        Errno other => throw new MctpException(MctpError.BadAddress, $"the kernel gives no tag toward EID {peer.Eid} in network {peer.Network} ({other})"),
    };

    public override void ReleaseTag(in MctpEndPoint peer, MctpTag tag) => _tags.TakeBack(WithNetwork(peer), tag);

    public override void Abandon(in MctpEndPoint to, MctpTag tag) => _tags.GiveUp(WithNetwork(to), tag, MctpNode.Now, wasSent: true);

    public override void CountStray() => Interlocked.Increment(ref _strays);

    public override void Flush()
    {
        // The kernel keeps nothing back.
    }

    public override void Pause(TimeSpan time)
    {
        using var pause = new ManualResetEventSlim();
        pause.Wait(time);
    }

    public override void TakeTurn()
    {
        // The kernel moves its packets itself.
    }

    public override void Close()
    {
        // Tags first: a kernel that tracks flows keeps an interface as long as somebody holds tags toward it.
        _tags.DropAll();
        _socket.Dispose();
    }

    // A send takes network 0 for the default one, but a tag that was allocated for network 0 is found by no send at all (seen in 7.2).
    private static MctpEndPoint WithNetwork(in MctpEndPoint to) => to.Network == 0 ? to with { Network = MctpStack.DefaultNetwork } : to;

    private static void WritePlain(in MctpEndPoint local, Span<byte> address) =>
        new MctpEndPoint(local.Eid, local.Type, default, local.Network).WriteSockaddr(address);

    private static SendStatus Translate(Errno errno, in MctpEndPoint to) => KernelRefusals.Translate(errno, to.IsExtended);

    private static void ThrowIfRefused(Errno errno, in MctpEndPoint local, string call)
    {
        if (errno == Errno.None) return;
        throw errno switch
        {
            Errno.EACCES or Errno.EPERM => new MctpException(MctpError.MissingFacility, "binding in the kernel's AF_MCTP needs CAP_NET_BIND_SERVICE; run as root"),
            Errno.EADDRINUSE => Failures.OfBind(BindStatus.AddressInUse, local),
            Errno.EOPNOTSUPP => new MctpException(MctpError.NotSupported, $"this kernel's AF_MCTP knows no {call}(); it came with Linux 6.17"),
            Errno.EBADF => Failures.OfBind(BindStatus.Closed, local),
            _ => new MctpException(MctpError.BadAddress, $"type {local.Type}, EID {local.Eid}, network {local.Network} cannot be used here ({call}: {errno})"),
        };
    }
}
