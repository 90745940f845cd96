// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>Asks by echo request.</summary>
internal sealed class EchoProbe : IProbe
{
    private readonly EchoClient _client;
    private readonly TimeSpan _timeout;

    public EchoProbe(PeerSession session, int size, TimeSpan timeout)
    {
        _client = new EchoClient(session.Source, session.Peer(MessageType.VendorPci));
        _timeout = timeout;
        Tally = new EchoTally { Size = size };
        What = session.Target == Eid.Null ? $"{size} bytes from the other end" : $"{size} bytes from eid {session.Target}";
    }

    public string Name => "echo";

    public string What { get; }

    public EchoTally Tally { get; }

    public (EchoOutcome Outcome, double Microseconds) Ask() => _client.Ask(Tally, _timeout);

    public void Dispose() => _client.Dispose();
}
