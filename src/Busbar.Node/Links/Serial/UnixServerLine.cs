// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A UNIX socket that we serve, for one client at a time.</summary>
internal sealed class UnixServerLine : SerialLine
{
    private readonly UnixListener _listener;

    public UnixServerLine(string path)
    {
        _listener = UnixListener.Bind(path);
        Trouble = $"nobody has connected to '{path}'";
    }

    public override string Description => $"UNIX socket {_listener.Path}, listening";

    public override FileDescriptor Listener => _listener.Descriptor;

    public override ByteStream? TryOpen() =>
        _listener.TryAcceptStream(out UnixStream? connection) == AcceptResult.Accepted ? ByteStream.TakeOver(connection!) : null;

    public override void TurnAway()
    {
        if (_listener.TryAcceptStream(out UnixStream? connection) != AcceptResult.Accepted) return;
        TurnedAway++;
        connection!.Dispose();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _listener.Dispose();
    }
}
