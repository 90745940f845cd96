// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Cuts messages into packets and puts them on links: at once where they fit, in turns where they do not.</summary>
internal sealed class Transmitter
{
    private const uint StartMask = 0x80_00_00_00;
    private const uint EndMask = 0x40_00_00_00;
    private const uint SequenceMask = 0x30_00_00_00;
    private const uint SequenceOne = 0x10_00_00_00;

    private readonly MctpStackOptions _options;
    private readonly StackStatistics _statistics;
    private readonly MessagePool _pool;
    private readonly List<LinkPort> _ports;
    private bool _anyDirty;

    public Transmitter(MctpStackOptions options, StackStatistics statistics, MessagePool pool, List<LinkPort> ports)
    {
        _options = options;
        _statistics = statistics;
        _pool = pool;
        _ports = ports;
    }

    /// <summary>Messages that wait in parts, on all links.</summary>
    public int StagedMessages { get; private set; }

    /// <summary>Asks whether a message can go: at once (<see cref="SendRoom.Now"/>), through staging (<see cref="SendRoom.Never"/>), or not now.</summary>
    /// <param name="port">The outgoing link.</param>
    /// <param name="total">Message bytes with the type byte.</param>
    /// <param name="unit">Payload bytes per packet.</param>
    /// <param name="packets">Packets of the message.</param>
    public SendRoom Admit(LinkPort port, int total, int unit, out int packets)
    {
        packets = total <= unit ? 1 : (int)((uint)(total + unit - 1) / (uint)unit);
        if (!port.Staged.IsEmpty) return AdmitStaged(port, total);
        if (!port.Link.IsUp) return SendRoom.Down;
        SendRoom room = port.Link.Room(packets, total + (packets * MctpHeader.Size));
        return room == SendRoom.Never ? AdmitStaged(port, total) : room;
    }

    /// <summary>Writes a message that was admitted with <see cref="SendRoom.Now"/>.</summary>
    /// <param name="port">The outgoing link.</param>
    /// <param name="address">Physical destination.</param>
    /// <param name="header">Version, EIDs, TO and tag.</param>
    /// <param name="type">The type byte.</param>
    /// <param name="payload">The body without it.</param>
    /// <param name="unit">Payload bytes per packet.</param>
    /// <param name="packets">What <see cref="Admit"/> said.</param>
    /// <returns>False when the link went down in between.</returns>
    public bool Write(LinkPort port, in PhysicalAddress address, uint header, byte type, ReadOnlySpan<byte> payload, int unit, int packets)
    {
        MctpLink link = port.Link;
        LinkStatistics statistics = link.Statistics;
        statistics.PacketsSent += packets;
        statistics.BytesSent += payload.Length + 1 + (packets * MctpHeader.Size);
        _statistics.PacketsSent += packets;
        _statistics.MessagesSent++;
        return link.WriteMessage(address, new MctpHeader(header), type, payload, unit);
    }

    /// <summary>Takes a copy of a message that was admitted with <see cref="SendRoom.Never"/>, to be sent in parts.</summary>
    public void Stage(LinkPort port, object owner, in PhysicalAddress address, uint header, byte type, ReadOnlySpan<byte> payload, int unit)
    {
        Message message = _pool.Rent(_pool.ClassFor(payload.Length + 1));
        message.Data[0] = type;
        payload.CopyTo(message.Data.AsSpan(1));
        message.Length = payload.Length + 1;
        message.Header = new MctpHeader(header | StartMask);
        message.SetOrigin(port, address);
        message.Unit = unit;
        message.Sent = 0;
        port.Staged.Add(owner, message);
        StagedMessages++;
        _statistics.MessagesSent++;
        _statistics.MessagesStaged++;
        ServeStaged(port);
    }

    /// <summary>Sends what fits of what is staged, on all links.</summary>
    public void ServeStaged()
    {
        foreach (LinkPort port in _ports)
        {
            if (!port.Staged.IsEmpty) ServeStaged(port);
        }
    }

    public void DropStaged(LinkPort port)
    {
        while (!port.Staged.IsEmpty) DropCurrent(port);
    }

    /// <summary>Publishes now, or leaves it to the next flush.</summary>
    public void Publish(LinkPort port, bool more)
    {
        if (more)
        {
            port.IsDirty = true;
            _anyDirty = true;
            return;
        }

        port.IsDirty = false;
        port.Link.Flush();
    }

    public void Flush()
    {
        if (!_anyDirty) return;
        _anyDirty = false;
        foreach (LinkPort port in _ports)
        {
            if (!port.IsDirty) continue;
            port.IsDirty = false;
            port.Link.Flush();
        }
    }

    /// <summary>True when a message may be staged although the link could take it later; answers of services have nobody who waits.</summary>
    public bool CanStage(LinkPort port, int total) => AdmitStaged(port, total) == SendRoom.Never;

    // While a link has staged messages, new ones queue behind them: the senders' turns stay fair, and no message overtakes its sender's last.
    private SendRoom AdmitStaged(LinkPort port, int total)
    {
        if (!port.Link.IsUp) return SendRoom.Down;
        int bytes = _pool.SizeOf(_pool.ClassFor(total));
        return port.Staged.Bytes + bytes <= _options.StagedBytes ? SendRoom.Never : SendRoom.Later;
    }

    private void ServeStaged(LinkPort port)
    {
        StagedSends staged = port.Staged;
        MctpLink link = port.Link;
        while (staged.Current is { } message)
        {
            int length = Math.Min(message.Length - message.Sent, message.Unit);
            SendRoom room = link.Room(1, length + MctpHeader.Size);
            if (room == SendRoom.Never)
            {
                DropCurrent(port);
                continue;
            }

            bool last = message.Sent + length == message.Length;
            uint header = message.Header.Raw | (last ? EndMask : 0);
            if (room != SendRoom.Now || !link.Write(message.Address, new MctpHeader(header), default, message.Data.AsSpan(message.Sent, length))) return;
            port.IsDirty = true;
            _anyDirty = true;
            link.Statistics.PacketsSent++;
            link.Statistics.BytesSent += length + MctpHeader.Size;
            _statistics.PacketsSent++;
            message.Sent += length;
            message.Header = new MctpHeader((header & ~(StartMask | SequenceMask)) | ((header + SequenceOne) & SequenceMask));
            if (!last)
            {
                staged.Rotate();
                continue;
            }

            _pool.Return(staged.TakeCurrent());
            StagedMessages--;
        }
    }

    private void DropCurrent(LinkPort port)
    {
        _pool.Return(port.Staged.TakeCurrent());
        StagedMessages--;
        port.CountDrop(_statistics, DropReason.StagedLost);
    }
}
