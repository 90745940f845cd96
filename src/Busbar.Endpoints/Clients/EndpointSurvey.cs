// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Endpoints;

/// <summary>TEMPORARY</summary>
public sealed class EndpointSurvey : IDisposable
{
    private readonly MctpSocket _socket;
    private byte _iid;

    /// <summary>x</summary>
    public EndpointSurvey(MctpNode node, TimeSpan timeout = default, int tries = 4) => _socket = node.OpenSocket();

    private byte[] Request(MctpEndPoint to, byte command, params byte[] data)
    {
        byte[] body = [(byte)(0x80 | (_iid++ & 0x1f)), command, .. data];
        _socket.SendTo(body, to);
        byte[] buffer = new byte[256];
        MctpReceiveResult r = _socket.ReceiveFrom(buffer, TimeSpan.FromSeconds(1));
        return buffer[2..r.Length];
    }

    /// <summary>x</summary>
    public Eid Assign(int link, Eid eid) => new(Request(new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, link: link), 1, 0, eid.Value)[2]);

    /// <summary>x</summary>
    public Eid GetEid(MctpEndPoint to) => new(Request(to, 2)[1]);

    /// <summary>x</summary>
    public EndpointInventory Ask(MctpEndPoint to) => new()
    {
        Eid = GetEid(to), IsBridge = false, EidType = "dynamic", Uuid = new Guid(Request(to, 3).AsSpan(1, 16), true),
        Types = [.. Request(to, 5)[2..].Select(b => (int)b)], Vendors = [], Versions = new Dictionary<string, IReadOnlyList<string>> { ["base"] = ["1.0"] },
    };

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
