// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Linux;

/// <summary>Walks attributes, as strict about lengths as <see cref="NetlinkReader"/>.</summary>
internal ref struct NetlinkAttributes
{
    private const ushort TypeMask = 0x3FFF;

    private ReadOnlySpan<byte> _rest;

    public NetlinkAttributes(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>The type without its flag bits.</summary>
    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The value as a byte; 0 when it is empty.</summary>
    public readonly byte Byte => Value.IsEmpty ? (byte)0 : Value[0];

    /// <summary>The value as a number; 0 when it is too short for one.</summary>
    public readonly uint UInt32 => Value.Length >= sizeof(uint) ? BitConverter.ToUInt32(Value) : 0;

    /// <summary>The value as text up to its first zero; what is not ASCII shows as a question mark.</summary>
    public readonly string Text
    {
        get
        {
            int end = Value.IndexOf((byte)0);
            return Encoding.ASCII.GetString(end < 0 ? Value : Value[..end]);
        }
    }

    public bool TryNext()
    {
        if (_rest.Length < NetlinkWriter.AttributeHeader) return false;
        int length = BitConverter.ToUInt16(_rest);
        if (length < NetlinkWriter.AttributeHeader || length > _rest.Length) return false;
        Type = (ushort)(BitConverter.ToUInt16(_rest[2..]) & TypeMask);
        Value = _rest[NetlinkWriter.AttributeHeader..length];
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }

    /// <summary>Finds the first attribute of a type.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> bytes, ushort type)
    {
        var attributes = new NetlinkAttributes(bytes);
        while (attributes.TryNext())
        {
            if (attributes.Type == type) return attributes.Value;
        }

        return default;
    }
}
