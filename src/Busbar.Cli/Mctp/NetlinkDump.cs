// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Cli;

/// <summary>Prints rtnetlink datagrams for people: each between two marks, with every attribute by name, number and bytes. Lengths are checked against what is there.</summary>
internal static class NetlinkDump
{
    private const int Header = 16;
    private const int AttributeHeader = 4;
    private const int BytesALine = 16;
    private const ushort TypeMask = 0x3FFF;
    private const ushort LinkGroup = 16;
    private const int AfSpec = 26;
    private const int Mctp = 45;

    /// <summary>Prints one datagram.</summary>
    /// <param name="writer">Gets the lines.</param>
    /// <param name="datagram">Whole messages, one behind the other.</param>
    public static void Write(TextWriter writer, ReadOnlySpan<byte> datagram)
    {
        writer.WriteLine($"/---------- {datagram.Length} bytes");
        ReadOnlySpan<byte> rest = datagram;
        while (!rest.IsEmpty)
        {
            uint length = rest.Length < Header ? 0 : BitConverter.ToUInt32(rest);
            if (length < Header || length > (uint)rest.Length)
            {
                writer.WriteLine($"{rest.Length} bytes that are no whole message");
                WriteHex(writer, "  ", rest);
                break;
            }

            WriteMessage(writer, rest[..(int)length]);
            rest = rest[Math.Min(rest.Length, ((int)length + 3) & ~3)..];
        }

        writer.WriteLine("\\----------");
    }

    private static void WriteMessage(TextWriter writer, ReadOnlySpan<byte> message)
    {
        ushort type = BitConverter.ToUInt16(message[4..]);
        if (NetlinkNames.Message(type) is not { } name)
        {
            writer.WriteLine($"unknown nlmsg type {type}");
            WriteHex(writer, "  ", message[Header..]);
            return;
        }

        writer.WriteLine($"{name} type 0x{type:x4} flags 0x{BitConverter.ToUInt16(message[6..]):x4} seq {BitConverter.ToUInt32(message[8..])} len {message.Length}");
        ReadOnlySpan<byte> payload = message[Header..];
        int body = NetlinkNames.BodyOf(type);
        if (body < 0 || payload.Length < body)
        {
            WriteHex(writer, "  ", payload);
            return;
        }

        WriteBody(writer, type, payload[..body]);
        WriteAttributes(writer, type, payload[body..]);
    }

    private static void WriteBody(TextWriter writer, ushort type, ReadOnlySpan<byte> body)
    {
        switch (type & ~3)
        {
            case LinkGroup:
                writer.WriteLine(
                    $"  family {body[0]} type {BitConverter.ToUInt16(body[2..])} index {BitConverter.ToInt32(body[4..])} flags 0x{BitConverter.ToUInt32(body[8..]):x}");
                break;
            case 20: writer.WriteLine($"  family {body[0]} prefixlen {body[1]} flags 0x{body[2]:x2} scope {body[3]} index {BitConverter.ToInt32(body[4..])}"); break;
            case 24: writer.WriteLine($"  family {body[0]} extent {body[1]} table {body[4]} type {body[7]} flags 0x{BitConverter.ToUInt32(body[8..]):x}"); break;
            default: writer.WriteLine($"  family {body[0]} index {BitConverter.ToInt32(body[4..])} state 0x{BitConverter.ToUInt16(body[8..]):x4}"); break;
        }
    }

    private static void WriteAttributes(TextWriter writer, ushort type, ReadOnlySpan<byte> bytes)
    {
        while (TryNext(ref bytes, out ushort number, out ReadOnlySpan<byte> value))
        {
            writer.WriteLine($"  {NetlinkNames.Attribute(type, number)} (0x{number:x4}), {value.Length} bytes{Text(type, number, value)}");
            WriteHex(writer, "    ", value);
            if ((type & ~3) == LinkGroup && number == AfSpec) WriteFamilies(writer, value);
        }

        if (!bytes.IsEmpty) WriteHex(writer, "  rest ", bytes);
    }

    // What an interface says for each address family; only MCTP's part is decoded.
    private static void WriteFamilies(TextWriter writer, ReadOnlySpan<byte> families)
    {
        while (TryNext(ref families, out ushort family, out ReadOnlySpan<byte> inner))
        {
            if (family != Mctp) continue;
            writer.WriteLine("    AF_MCTP:");
            while (TryNext(ref inner, out ushort number, out ReadOnlySpan<byte> value))
            {
                if (number == 1 && value.Length >= sizeof(uint)) writer.WriteLine($"      IFLA_MCTP_NET (0x0001): {BitConverter.ToUInt32(value)}");
                else if (number == 2 && value.Length >= 1) writer.WriteLine($"      IFLA_MCTP_PHYS_BINDING (0x0002): {value[0]}");
                else writer.WriteLine($"      #{number} (0x{number:x4}): {Convert.ToHexStringLower(value)}");
            }
        }
    }

    private static bool TryNext(ref ReadOnlySpan<byte> rest, out ushort number, out ReadOnlySpan<byte> value)
    {
        number = 0;
        value = default;
        if (rest.Length < AttributeHeader) return false;
        int length = BitConverter.ToUInt16(rest);
        if (length < AttributeHeader || length > rest.Length) return false;
        number = (ushort)(BitConverter.ToUInt16(rest[2..]) & TypeMask);
        value = rest[AttributeHeader..length];
        rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        return true;
    }

    // A name is shown as one; whatever does not belong into a terminal shows as a question mark.
    private static string Text(ushort type, int number, ReadOnlySpan<byte> value)
    {
        const int InterfaceName = 3;
        if ((type & ~3) != LinkGroup || number != InterfaceName) return string.Empty;
        var text = new StringBuilder(": ");
        foreach (byte letter in value.TrimEnd((byte)0)) text.Append(letter is > 32 and < 127 ? (char)letter : '?');
        return text.ToString();
    }

    private static void WriteHex(TextWriter writer, string indent, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i += BytesALine) writer.WriteLine(indent + Hex.Format(bytes.Slice(i, Math.Min(BytesALine, bytes.Length - i))));
    }
}
