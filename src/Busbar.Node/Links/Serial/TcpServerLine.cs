// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A TCP port that we serve, for one client at a time.</summary>
internal sealed class TcpServerLine : SerialLine
{
    private readonly TcpListener _listener;

    public TcpServerLine(IPEndPoint local)
    {
        _listener = TcpListener.Bind(local);
        Trouble = $"nobody has connected to {local}";
    }

    public override string Description => $"TCP {_listener.LocalEndPoint}, listening";

    public override FileDescriptor Listener => _listener.Descriptor;

    public override ByteStream? TryOpen() => _listener.TryAccept(out ByteStream? stream) == AcceptResult.Accepted ? stream : null;

    public override void TurnAway()
    {
        if (_listener.TryAccept(out ByteStream? stream) != AcceptResult.Accepted) return;
        TurnedAway++;
        stream!.Dispose();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _listener.Dispose();
    }
}
