// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Text;

namespace Busbar.BlackBox;

/// <summary>
/// A client of the bus that made one call and stays connected, so that what it registered stays, too; it leaves when it is disposed. It speaks D-Bus by itself, because busctl
/// leaves after each call.
/// </summary>
internal sealed class Registration : IDisposable
{
    private const byte MethodCall = 1;
    private const byte MethodReturn = 2;
    private const byte Error = 3;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public Registration(WatchedBus bus, string method, string signature, byte[] body)
    {
        _socket.ReceiveTimeout = (int)TestProgram.Limit.TotalMilliseconds;
        _socket.Connect(new UnixDomainSocketEndPoint(bus.Address["unix:path=".Length..]));
        _socket.Send([0, .. Encoding.ASCII.GetBytes($"AUTH EXTERNAL {Convert.ToHexStringLower(Encoding.ASCII.GetBytes(UserId()))}\r\n")]);
        string answer = ReadLine();
        if (!answer.StartsWith("OK", StringComparison.Ordinal)) throw new InvalidOperationException("the bus does not let a client in: " + answer);
        _socket.Send("BEGIN\r\n"u8);
        Call(1, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", "", []);
        Call(2, Mctpd.Service, Mctpd.Root, Mctpd.RootContract, method, signature, body);
    }

    /// <summary>Registers a message type with one version.</summary>
    public static Registration OfType(WatchedBus bus, byte type, uint version) =>
        new(bus, "RegisterTypeSupport", "yau", [type, 0, 0, 0, 4, 0, 0, 0, .. BitConverter.GetBytes(version)]);

    /// <summary>Registers a command set of a PCI vendor.</summary>
    public static Registration OfPci(WatchedBus bus, ushort vendor, ushort set) =>
        new(bus, "RegisterVDMTypeSupport", "yvq", [0, 1, (byte)'q', 0, .. BitConverter.GetBytes(vendor), .. BitConverter.GetBytes(set)]);

    /// <summary>Registers a command set of an IANA enterprise.</summary>
    public static Registration OfIana(WatchedBus bus, uint vendor, ushort set) =>
        new(bus, "RegisterVDMTypeSupport", "yvq", [1, 1, (byte)'u', 0, .. BitConverter.GetBytes(vendor), .. BitConverter.GetBytes(set)]);

    public void Dispose() => _socket.Dispose();

    private static string UserId() =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t', StringSplitOptions.RemoveEmptyEntries)[1];

    private static void Field(List<byte> fields, byte code, char kind, string text)
    {
        while (fields.Count % 8 != 0) fields.Add(0);
        fields.AddRange([code, 1, (byte)kind, 0]);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (kind == 'g') fields.Add((byte)bytes.Length);
        else fields.AddRange(BitConverter.GetBytes(bytes.Length));
        fields.AddRange([.. bytes, 0]);
    }

    private void Call(uint serial, string service, string path, string contract, string member, string signature, byte[] body)
    {
        var fields = new List<byte>();
        Field(fields, 1, 'o', path);
        Field(fields, 2, 's', contract);
        Field(fields, 3, 's', member);
        Field(fields, 6, 's', service);
        if (signature.Length != 0) Field(fields, 8, 'g', signature);
        byte[] head = [(byte)'l', MethodCall, 0, 1, .. BitConverter.GetBytes(body.Length), .. BitConverter.GetBytes(serial), .. BitConverter.GetBytes(fields.Count)];
        byte[] padding = new byte[(8 - (fields.Count % 8)) % 8];
        _socket.Send([.. head, .. fields, .. padding, .. body]);
        while (true)
        {
            byte[] start = Read(16);
            int tail = ((BitConverter.ToInt32(start, 12) + 7) & ~7) + BitConverter.ToInt32(start, 4);
            byte[] rest = Read(tail);
            if (start[1] == MethodReturn) return;
            if (start[1] == Error) throw new BusException(Encoding.UTF8.GetString(rest[^BitConverter.ToInt32(start, 4)..]).Trim('\0'));
        }
    }

    private byte[] Read(int count)
    {
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int got = _socket.Receive(bytes, have, count - have, SocketFlags.None);
            if (got == 0) throw new InvalidOperationException("the bus closed the connection");
            have += got;
        }

        return bytes;
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        while (line.Length < 200)
        {
            char next = (char)Read(1)[0];
            if (next == '\n') break;
            line.Append(next);
        }

        return line.ToString();
    }
}
