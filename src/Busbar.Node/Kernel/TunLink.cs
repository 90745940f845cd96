// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// A link whose medium is a network interface of the kernel: what we write the kernel receives, what the kernel sends there arrives here. The medium has no addresses. Each
/// packet costs one system call.
/// </summary>
public sealed class TunLink : MctpLink
{
    // What is thrown away does not count against the caller's budget; this many end the turn all the same.
    private const int SkipsPerPoll = 64;

    // Between two looks whether whoever gets our packets has room again; nothing announces that.
    private const int RetryMs = 1;

    private readonly TunDevice _device;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(TunDevice.LargestMtu, pinned: true);

    // Bytes of a packet that was read and could not be handed on yet.
    private int _held;
    private long _retryAt;

    /// <summary>Puts a link on a device; it is up from the beginning.</summary>
    /// <param name="device">The device, which the link does not own.</param>
    public TunLink(TunDevice device)
        : base(device.Name, PhysicalBinding.Unspecified)
    {
        _device = device;

        // Whatever the MTU of the interface is: that is for what the kernel sends.
        Mtu = TunDevice.LargestMtu;
        ReportState(up: true, now: 0);
    }

    /// <summary>True while a packet waits here, so that the kernel's queue fills instead of ours.</summary>
    public bool IsHoldingBack => _held != 0;

    /// <summary>Called once when somebody else has removed the interface, under the stack's serialisation.</summary>
    internal Action? Gone { get; init; }

    /// <inheritdoc/>
    public override long NextDeadline => _held != 0 ? _retryAt : long.MaxValue;

    /// <inheritdoc/>
    public override SendRoom Room(int packets, int bytes)
    {
        if (!IsUp) return SendRoom.Down;

        // A packet that comes from another link may be longer than the kernel takes: a large MMBI ring holds 65,540 bytes.
        return bytes <= (long)packets * TunDevice.LargestMtu ? SendRoom.Now : SendRoom.Never;
    }

    /// <inheritdoc/>
    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        IsUp && _device.TryWrite(header.Raw, first, second) == Errno.None;

    /// <inheritdoc/>
    public override void Flush()
    {
        // Each write is a system call and goes out at once.
    }

    /// <inheritdoc/>
    public override void Poll(ref PollContext context)
    {
        int skips = SkipsPerPoll;
        while (IsUp && !context.IsDone)
        {
            if (_held == 0 && !TryRead(ref skips, context.Now)) return;
            if (!context.HasRoomBehind(this, MctpHeader.Read(_buffer), _held))
            {
                _retryAt = context.Now + RetryMs;
                return;
            }

            ReadOnlySpan<byte> packet = _buffer.AsSpan(0, _held);
            _held = 0;
            context.Deliver(this, MctpHeader.Read(packet), packet[MctpHeader.Size..], default);
        }
    }

    /// <inheritdoc/>
    public override void Close(long now)
    {
        _held = 0;
        ReportState(up: false, now);
    }

    // True when a packet is in the buffer.
    private bool TryRead(ref int skips, long now)
    {
        while (skips-- > 0)
        {
            switch (_device.TryRead(_buffer, out int length))
            {
                case TunReadResult.Packet when length >= MctpHeader.Size:
                    _held = length;
                    return true;
                case TunReadResult.Packet or TunReadResult.Foreign:
                    CountDrop(DropReason.NotMctp);
                    break;
                case TunReadResult.TooLong:
                    CountDrop(DropReason.PacketTooLarge);
                    break;
                case TunReadResult.Empty:
                    return false;
                default:
                    // The interface was removed under us; it does not come back.
                    Close(now);
                    Gone?.Invoke();
                    return false;
            }
        }

        return false;
    }
}
