// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;
using Busbar.Memory;

namespace Busbar.Bindings;

/// <summary>
/// MCTP over an LPC window and a KCS device, the binding of OpenPOWER machines (libmctp, vendor-ibm-astlpc), versions 1 to 3, either end. Point to point, no addresses, one packet
/// at a time in each direction. Up while the channel is open.
/// </summary>
/// <remarks>
/// The window is shared with the other end, which may write anything anywhere at any time: each decision is made on a private copy. Both ends look at intervals, because
/// nobody rings.
/// </remarks>
public sealed partial class AstlpcLink : MctpLink
{
    private const int LengthSize = sizeof(int);
    private const int SignalsPerPoll = 8;

    // How often we look: often for some time behind the last sign of life, less often later.
    private const int BusyLookMs = 1;
    private const int IdleLookMs = 5;
    private const int BusyMs = 50;

    private readonly AstlpcLinkOptions _options;
    private readonly OutputQueue _output;
    private readonly byte[] _area;
    private SharedRegion? _window;
    private KcsMailbox? _mailbox;
    private long _now;
    private long _lastNews;

    // The channel, while it is open.
    private int _version;
    private AstlpcLayout _layout;
    private int _largestSend;
    private bool _isSending;
    private long _sendDeadline;

    // Bytes of a received packet in _area behind its length, while it could not be handed on yet.
    private int _held;

    // Signals that found the register full.
    private bool _owesStatus;
    private bool _owesCompletion;

    /// <summary>Creates a link without a window.</summary>
    /// <param name="name">What users call it.</param>
    /// <param name="options">Role, sizes, versions.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or a version is out of its range.</exception>
    public AstlpcLink(string name, AstlpcLinkOptions options)
        : base(name, PhysicalBinding.Vendor)
    {
        _options = options;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Mtu, MinimumMtu, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Mtu, 65_540, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LowestVersion, AstlpcControlArea.LowestVersion, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HighestVersion, AstlpcControlArea.HighestVersion, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.LowestVersion, options.HighestVersion, nameof(options));
        _output = new OutputQueue(Math.Max(16_384, 2 * (LengthSize + options.Mtu)));
        _area = new byte[AreaSize(options.Mtu)];
        Mtu = options.Mtu;
    }

    /// <summary>Channels, faults and the version.</summary>
    public AstlpcStatistics Channel { get; } = new();

    /// <summary>Which end we are.</summary>
    public AstlpcRole Role => _options.Role;

    /// <inheritdoc/>
    public override bool CanWake => false;

    /// <inheritdoc/>
    public override long NextDeadline => _mailbox is null ? long.MaxValue : _now + (_now - _lastNews < BusyMs ? BusyLookMs : IdleLookMs);

    /// <inheritdoc/>
    public override bool HasNews => _mailbox is { } mailbox
        && (mailbox.HasByte || _held != 0 || (HasWork && mailbox.CanSend) || (Role == AstlpcRole.Host && mailbox.Status != _seenStatus));

    private bool HasWork => _owesStatus || _owesCompletion || (_output.HasPending && !_isSending);

    /// <summary>Begins to use a window. A management controller clears its beginning and announces itself there; a host looks for one.</summary>
    /// <param name="window">At least 8 KiB of ordinary memory, which the link does not own.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <exception cref="ArgumentException">The window is too small for two areas of 68-byte packets.</exception>
    public void Open(SharedRegion window, long now)
    {
        GiveUp(now);
        if (window.Length < AstlpcLayout.FirstOffset + (2 * AreaSize(MinimumMtu))) throw new ArgumentException("the window is too small", nameof(window));
        _window = window;
        _mailbox = new KcsMailbox(window, Role);
        _now = _lastNews = now;
        if (Role == AstlpcRole.Bmc) Announce();
        else Search(now);
    }

    /// <summary>Stops to use the window; the link is down until <see cref="Open"/>. Nothing is written any more.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public void GiveUp(long now)
    {
        EndChannel(now);
        _window = null;
        _mailbox = null;
    }

    /// <summary>The other end's process has ended, as is known from elsewhere: the channel ends, and the next one is waited for.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public void PeerVanished(long now)
    {
        if (_mailbox is null || _version == 0) return;
        Restart(now);
    }

    /// <inheritdoc/>
    public override SendRoom Room(int packets, int bytes)
    {
        if (_version == 0) return SendRoom.Down;
        long size = bytes + ((long)packets * LengthSize);
        if (size > _output.Capacity) return SendRoom.Never;
        return size <= _output.Free ? SendRoom.Now : SendRoom.Later;
    }

    /// <inheritdoc/>
    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = MctpHeader.Size + first.Length + second.Length;
        if (_version == 0 || length > _largestSend) return false;
        Span<byte> room = _output.Reserve(LengthSize + length);
        if (room.IsEmpty) return false;
        BinaryPrimitives.WriteInt32LittleEndian(room, length);
        header.Write(room[LengthSize..]);
        first.CopyTo(room[(LengthSize + MctpHeader.Size)..]);
        second.CopyTo(room[(LengthSize + MctpHeader.Size + first.Length)..]);
        _output.Commit(room.Length);
        return true;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        _output.Publish();
        Send();
    }

    /// <inheritdoc/>
    public override void Poll(ref PollContext context)
    {
        _now = context.Now;
        if (_mailbox is null) return;
        if (Role == AstlpcRole.Host) FollowStatus();
        int signals = SignalsPerPoll;
        while (!context.IsDone && signals-- > 0)
        {
            if (_held != 0 && !HandOn(ref context)) break;
            if (!_mailbox.TryReceive(out byte signal)) break;
            _lastNews = _now;
            Take(signal);
        }

        if (_held != 0 && !context.IsDone) HandOn(ref context);
        if (_isSending && _now >= _sendDeadline) Fail(AstlpcFault.TransmitTimeout);
        Send();
    }

    /// <inheritdoc/>
    public override bool PrepareSleep() => !HasNews || _held != 0;

    /// <inheritdoc/>
    public override void Close(long now)
    {
        if (Role == AstlpcRole.Bmc && _mailbox is { } mailbox)
        {
            mailbox.Status = KcsStatus.None;
            mailbox.TrySend(Signal.Status);
        }

        GiveUp(now);
    }

    private static int AreaSize(int packet) => (AstlpcLayout.OverheadOf(AstlpcControlArea.HighestVersion) + packet + 15) & ~15;

    // False when whoever gets the packet has no room; it then stays, and the other end waits for its completion.
    private bool HandOn(ref PollContext context)
    {
        ReadOnlySpan<byte> packet = _area.AsSpan(AstlpcLayout.LengthSize, _held);
        var header = MctpHeader.Read(packet);
        if (!context.HasRoomBehind(this, header, packet.Length)) return false;
        _held = 0;
        _owesCompletion = true;
        context.Deliver(this, header, packet[MctpHeader.Size..], default);
        return true;
    }

    private void Take(byte signal)
    {
        switch (signal)
        {
            case Signal.Initialise when Role == AstlpcRole.Bmc:
                Negotiate();
                break;
            case Signal.Begin when _version != 0:
                TakePacket();
                break;
            case Signal.Complete when _isSending:
                _isSending = false;
                break;
            case Signal.Complete when _version != 0:
                Count(AstlpcFault.UnexpectedCompletion);
                break;
            case Signal.Status when Role == AstlpcRole.Host:
                _isAnswerDue = false;
                FollowStatus();
                break;
            default:
                Count(AstlpcFault.UnknownSignal);
                break;
        }
    }

    private void TakePacket()
    {
        if (_held != 0 || _owesCompletion)
        {
            Count(AstlpcFault.Overrun);
            CountDrop(DropReason.NotMctp);
            return;
        }

        (uint offset, uint size) = Role == AstlpcRole.Bmc ? (_layout.TxOffset, _layout.TxSize) : (_layout.RxOffset, _layout.RxSize);
        int count = (int)Math.Min(size, (uint)_area.Length);

        // The length first, so that short packets of large areas do not cost a copy of everything; it is judged on the copy that is then made.
        uint length = BinaryPrimitives.ReverseEndianness(_window!.Read32((int)offset));
        count = (int)Math.Min((uint)count, Math.Min(length, int.MaxValue / 2) + (uint)AstlpcLayout.OverheadOf(_version));
        Span<byte> copy = _area.AsSpan(0, count);
        _window.CopyTo((int)offset, copy);
        AstlpcFault? fault = AstlpcBuffer.TryParse(copy, _version, out ReadOnlySpan<byte> packet);
        if (fault is { } reason)
        {
            Count(reason);
            CountDrop(reason == AstlpcFault.BadCheck ? DropReason.BadPacketIntegrity : DropReason.NotMctp);
            _owesCompletion = true;
            return;
        }

        _held = packet.Length;
    }

    private void Send()
    {
        if (_mailbox is not { } mailbox) return;
        if (_owesStatus && mailbox.TrySend(Signal.Status)) _owesStatus = false;
        if (_owesCompletion && mailbox.TrySend(Signal.Complete)) _owesCompletion = false;
        if (_version == 0 || _isSending || !_output.HasPending || !mailbox.CanSend) return;
        ReadOnlySpan<byte> pending = _output.Pending;
        int length = BinaryPrimitives.ReadInt32LittleEndian(pending);
        int offset = (int)(Role == AstlpcRole.Bmc ? _layout.RxOffset : _layout.TxOffset);
        ReadOnlySpan<byte> packet = pending.Slice(LengthSize, length);
        Span<byte> word = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(word, (uint)length);
        _window!.CopyFrom(offset, word);
        _window.CopyFrom(offset + AstlpcLayout.LengthSize, packet);
        if (_version >= 3)
        {
            BinaryPrimitives.WriteUInt32BigEndian(word, Crc32.Of(packet));
            _window.CopyFrom(offset + AstlpcLayout.LengthSize + length, word);
        }

        _output.Advance(LengthSize + length);
        mailbox.TrySend(Signal.Begin);
        _isSending = true;
        _sendDeadline = _now + _options.PatienceMs;
        _lastNews = _now;
    }

    private void Count(AstlpcFault fault) => Channel.Count(fault);

    /// <summary>The KCS bytes of the binding.</summary>
    private static class Signal
    {
        /// <summary>Host to controller: my versions are there, choose.</summary>
        public const byte Initialise = 0x00;

        /// <summary>A packet is in my area.</summary>
        public const byte Begin = 0x01;

        /// <summary>I have taken your packet.</summary>
        public const byte Complete = 0x02;

        /// <summary>Controller to host: look at the status.</summary>
        public const byte Status = 0xFF;
    }
}
