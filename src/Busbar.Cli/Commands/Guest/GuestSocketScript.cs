// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>What <c>busbar guest-sockets</c> can do: each line is a verb with words behind it, and has one line of answer.</summary>
internal sealed class GuestSocketScript : IDisposable
{
    private const int PatienceMs = 20;

    private readonly Dictionary<string, MctpKernelSocket> _sockets = [];
    private readonly Dictionary<string, TunDevice> _interfaces = [];
    private readonly Lazy<MctpNetlink> _netlink = new(() => new MctpNetlink());
    private readonly byte[] _buffer = new byte[TunDevice.LargestMtu];

    public string Run(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return words switch
            {
                ["tun", var name, var network, var eids] => MakeInterface(name, Number(network), eids),
                ["route", var name, var first, var last] => AddRoute(name, (byte)Number(first), (byte)Number(last)),
                ["inject", var name, var packet] => Inject(_interfaces[name], Convert.FromHexString(packet)),
                ["drain", var name] => Drain(_interfaces[name]),
                ["untun", var name] => RemoveInterface(name),
                ["open", var name] => Open(name),
                ["connect", var name, var network, var eid, var type] => _sockets[name].Connect(Address(network, eid, type)).ToString(),
                ["bind", var name, var network, var eid, var type] => _sockets[name].Bind(Address(network, eid, type)).ToString(),
                ["send", var name, var network, var eid, var type, var tag, var body] =>
                    _sockets[name].Send(Address(network, eid, type, tag), body == "-" ? [] : Convert.FromHexString(body)).ToString(),
                ["tag", var name, var network, var peer] => AllocateTag(name, network, peer),
                ["receive", var name] => Receive(_sockets[name]),
                ["close", var name] => Close(name),
                _ => "unknown",
            };
        }
        catch (Exception failure) when (failure is LinuxException or KeyNotFoundException or FormatException)
        {
            return $"failed {failure.Message}";
        }
    }

    public void Dispose()
    {
        // Sockets first: an interface that goes waits for those who hold tags toward it.
        foreach (MctpKernelSocket socket in _sockets.Values) socket.Dispose();
        foreach (TunDevice device in _interfaces.Values) device.Dispose();
        if (_netlink.IsValueCreated) _netlink.Value.Dispose();
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);

    private static byte[] Address(string network, string eid, string type, string tag = "0")
    {
        byte[] address = new byte[MctpEndPoint.Size];
        if (!MctpTag.TryCreate((byte)Number(tag), out MctpTag parsed)) throw new FormatException($"{tag} is no tag");
        new MctpEndPoint(new Eid((byte)Number(eid)), new MessageType((byte)Number(type)), parsed, Number(network)).WriteSockaddr(address);
        return address;
    }

    private static string Inject(TunDevice device, byte[] packet)
    {
        if (packet.Length < sizeof(uint)) return "short";
        return device.TryWrite(BitConverter.ToUInt32(packet), packet.AsSpan(sizeof(uint)), default).ToString();
    }

    private string MakeInterface(string name, uint network, string eids)
    {
        TunDevice device = TunDevice.Create(name);
        _interfaces.Add(name, device);
        _netlink.Value.SetNetwork(device.Index, network);
        _netlink.Value.SetMtu(device.Index, 68);
        _netlink.Value.SetUp(device.Index, isUp: true);
        foreach (string eid in eids.Split(',')) _netlink.Value.AddAddress(new NetlinkAddress(device.Index, (byte)Number(eid)));
        return "None";
    }

    private string AddRoute(string name, byte first, byte last)
    {
        _netlink.Value.AddRoute(new NetlinkRoute { First = first, Last = last, Interface = _interfaces[name].Index });
        return "None";
    }

    private string Drain(TunDevice device)
    {
        var packets = new List<string>();
        while (true)
        {
            TunReadResult result = device.TryRead(_buffer, out int length);
            if (result is TunReadResult.Empty or TunReadResult.Down) break;
            if (result == TunReadResult.Packet) packets.Add(Convert.ToHexStringLower(_buffer.AsSpan(0, length)));
        }

        return packets.Count == 0 ? "-" : string.Join(',', packets);
    }

    private string RemoveInterface(string name)
    {
        _interfaces[name].Dispose();
        _interfaces.Remove(name);
        return "None";
    }

    private string Open(string name)
    {
        _sockets.Add(name, MctpKernelSocket.Open());
        return "None";
    }

    private string AllocateTag(string name, string network, string peer)
    {
        Errno answer = _sockets[name].AllocateTag(Number(network), (byte)Number(peer), out byte tag);
        return answer == Errno.None ? tag.ToString(CultureInfo.InvariantCulture) : answer.ToString();
    }

    private string Receive(MctpKernelSocket socket)
    {
        Span<byte> address = stackalloc byte[MctpEndPoint.ExtendedSize];
        socket.WaitReadable(PatienceMs);
        Errno answer = socket.TryReceive(_buffer, address, out int addressLength, out int length);
        if (answer != Errno.None) return answer == Errno.EAGAIN ? "-" : answer.ToString();
        MctpEndPoint.TryReadSockaddr(address[..addressLength], out MctpEndPoint from);
        string body = length == 0 ? "-" : Convert.ToHexStringLower(_buffer.AsSpan(0, length));
        return string.Create(CultureInfo.InvariantCulture, $"{from.Network} {from.Eid} {from.Type.Raw} {from.Tag.Raw} {body}");
    }

    private string Close(string name)
    {
        _sockets[name].Dispose();
        _sockets.Remove(name);
        return "None";
    }
}
