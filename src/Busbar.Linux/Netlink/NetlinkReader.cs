// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Walks the messages of one datagram. Lengths are checked against what is there; the rest behind a bad one is given up.</summary>
internal ref struct NetlinkReader
{
    private ReadOnlySpan<byte> _rest;

    public NetlinkReader(ReadOnlySpan<byte> datagram) => _rest = datagram;

    public ushort Type { get; private set; }

    public ushort Flags { get; private set; }

    public uint Sequence { get; private set; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    public bool TryNext()
    {
        if (_rest.Length < NetlinkWriter.HeaderSize) return false;
        uint length = BitConverter.ToUInt32(_rest);
        if (length < NetlinkWriter.HeaderSize || length > (uint)_rest.Length) return false;
        Type = BitConverter.ToUInt16(_rest[4..]);
        Flags = BitConverter.ToUInt16(_rest[6..]);
        Sequence = BitConverter.ToUInt32(_rest[8..]);
        Payload = _rest[NetlinkWriter.HeaderSize..(int)length];
        _rest = _rest[Math.Min(_rest.Length, ((int)length + 3) & ~3)..];
        return true;
    }
}
