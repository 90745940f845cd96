// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Mmbi;

/// <summary>
/// MCTP over MMBI (DSP0284): one MCTP packet in one MMBI packet of type 4, on one channel. The medium has no addresses. The channel can be
/// taken away and replaced, because windows vanish and come back.
/// </summary>
public sealed class MmbiLink : MctpLink
{
    /// <summary>
    /// The largest packet that we send: a message of 65,536 bytes and the transport header, so that it travels in one packet.
    /// </summary>
    public const int LargestMtu = 65_536 + MctpHeader.Size;

    // Packets that nobody wants do not count against the caller's budget; this many of them end the turn all the same.
    private const int SkipsPerPoll = 256;

    private readonly int? _configuredMtu;
    private MmbiChannel? _channel;
    private long _formerDoorbells;
    private long _joins;

    // A packet waits in the ring for room on another link, of which no doorbell tells: the stack's next turn looks again.
    private bool _isHolding;

    /// <summary>Creates a link without a channel, which is down.</summary>
    /// <param name="name">What users call it, for instance <c>mmbi0</c>.</param>
    /// <param name="mtu">
    /// The largest packet to send, header included, 68 to <see cref="LargestMtu"/>; null for what the ring takes twice, at most <see
    /// cref="LargestMtu"/>. A ring that is too short for it lowers it. What the peer sends is accepted up to the ring's size, whatever this
    /// says.
    /// </param>
    public MmbiLink(string name, int? mtu = null)
        : base(name, PhysicalBinding.Mmbi)
    {
        if (mtu is not null)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(mtu.Value, MinimumMtu, nameof(mtu));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(mtu.Value, LargestMtu, nameof(mtu));
        }

        _configuredMtu = mtu;
    }

    /// <summary>The channel that packets travel on; null while there is none.</summary>
    public MmbiChannel? Channel => _channel;

    /// <inheritdoc/>
    public override bool CanWake => _channel?.CanWake ?? true;

    /// <inheritdoc/>
    public override long NextDeadline => _channel?.NextDeadline ?? long.MaxValue;

    /// <summary>Puts the link on a channel. A channel that was there before is let go without touching its window.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Attach(MmbiChannel channel, long now)
    {
        ArgumentNullException.ThrowIfNull(channel);
        DetachChannel(now);
        _channel = channel;
        Follow(channel, now);
    }

    /// <summary>Lets go of the channel, for windows that are gone: nothing is written any more, the link is down.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public void DetachChannel(long now)
    {
        _formerDoorbells += _channel?.Statistics.DoorbellsRung ?? 0;
        _channel = null;
        _joins = 0;
        ReportState(up: false, now);
    }

    /// <summary>
    /// Tells the link that the process behind its peer is gone or another one now; see <see cref="MmbiChannel.PeerVanished"/>.
    /// </summary>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="isReplaced">True when another process is known to have taken its place already.</param>
    /// <param name="reason">What to tell and count it as.</param>
    public void PeerVanished(long now, bool isReplaced = false, MmbiReason reason = MmbiReason.PeerVanished)
    {
        if (_channel is not { } channel) return;
        channel.PeerVanished(now, isReplaced, reason);
        Follow(channel, now);
    }

    /// <inheritdoc/>
    public override SendRoom Room(int packets, int bytes) => _channel is { } channel ? channel.Room(packets, bytes) : SendRoom.Down;

    /// <inheritdoc/>
    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        _channel is { } channel && channel.TryWrite(header, first, second);

    /// <inheritdoc/>
    public override bool WriteMessage(in PhysicalAddress to, MctpHeader header, byte type, ReadOnlySpan<byte> body, int unit) =>
        _channel is { } channel && channel.WriteMessage(header, type, body, unit);

    /// <inheritdoc/>
    public override void Flush()
    {
        if (_channel is not { } channel) return;
        channel.Flush();
        Statistics.DoorbellsRung = _formerDoorbells + channel.Statistics.DoorbellsRung;
    }

    /// <inheritdoc/>
    public override void Poll(ref PollContext context)
    {
        if (_channel is not { } channel) return;
        bool hasPackets = channel.Poll(context.Now);
        if (channel.IsUp != IsUp || channel.Statistics.Joins != _joins) Follow(channel, context.Now);
        if (hasPackets) Receive(channel, ref context);
    }

    /// <inheritdoc/>
    public override bool HasNews => _channel is { } channel && channel.HasChanged;

    /// <inheritdoc/>
    public override bool PrepareSleep() => (_channel?.PrepareSleep() ?? true) || _isHolding;

    /// <inheritdoc/>
    public override void CancelSleep() => _channel?.CancelSleep();

    /// <inheritdoc/>
    public override void Close(long now)
    {
        if (_channel is not { } channel) return;
        channel.Close(now);
        Follow(channel, now);
    }

    private void Receive(MmbiChannel channel, ref PollContext context)
    {
        int skips = SkipsPerPoll;
        _isHolding = false;
        while (!context.IsDone && channel.TryReceive(out MmbiPacket packet))
        {
            if (packet.Type != MmbiPacketType.Mctp || packet.First.Length < MctpHeader.Size)
            {
                channel.Skip(packet.Type);
                if (--skips == 0) return;
                continue;
            }

            // The one read of the transport header; from here on it is a private value.
            MctpHeader header = MctpHeader.Read(packet.First);
            if (!context.HasRoomBehind(this, header, packet.Length))
            {
                // The ring keeps what cannot be forwarded yet, and its producer slows down.
                channel.Leave(packet);
                _isHolding = true;
                return;
            }

            context.Deliver(this, header, packet.First[MctpHeader.Size..], packet.Second);
            channel.Advance();
        }
    }

    private void Follow(MmbiChannel channel, long now)
    {
        // A whole reset can pass between two looks, or inside one; what was under way is lost all the same, so the link was down.
        long joins = channel.Statistics.Joins;
        if (joins != _joins) ReportState(up: false, now);
        _joins = joins;
        if (channel is { IsUp: true, Producer: { } producer })
        {
            int twice = ((producer.Capacity / 2) & ~3) - MmbiPacketHeader.Size;
            int once = producer.Capacity - MmbiPacketHeader.Size;
            Mtu = Math.Min(_configuredMtu ?? Math.Clamp(twice, MinimumMtu, LargestMtu), once);
        }

        Statistics.DoorbellsRung = _formerDoorbells + channel.Statistics.DoorbellsRung;
        ReportState(channel.IsUp, now);
    }
}
