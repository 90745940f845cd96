// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A TCP connection to somebody who listens, made again whenever it is lost.</summary>
internal sealed class TcpLine(IPEndPoint server) : SerialLine
{
    private const int ConnectingMs = 10;
    private const int LongestAttemptMs = 5000;

    private ByteStream? _connecting;
    private int _waits;

    public override string Description => $"TCP {server}";

    public override int RetryMs => _connecting is null ? base.RetryMs : ConnectingMs;

    public override ByteStream? TryOpen()
    {
        Errno state;
        if (_connecting is null)
        {
            state = TcpConnection.Begin(server, out _connecting);
            _waits = 0;
        }
        else
        {
            state = TcpConnection.Check(_connecting);
        }

        // A server that does not answer at all would keep one attempt alive for minutes.
        if (state == Errno.EINPROGRESS && ++_waits * ConnectingMs < LongestAttemptMs) return null;
        ByteStream? stream = _connecting;
        _connecting = null;
        if (state == Errno.None) return stream;
        stream?.Dispose();
        Trouble = $"no connection to {server} ({(state == Errno.EINPROGRESS ? Errno.ETIMEDOUT : state)}); start the other end first";
        return null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _connecting?.Dispose();
    }
}
