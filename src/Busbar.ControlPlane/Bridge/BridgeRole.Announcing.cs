// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>Discovery Notify: on bindings with discovery, an endpoint without EID tells the bus owner that it is there.</content>
internal sealed partial class BridgeRole
{
    // Each round is a question with its retries; TRECLAIM lies between rounds. A bus owner that comes later than that looks for us itself.
    private const int Rounds = 3;

    private readonly HashSet<int> _announcing = [];

    private void AnnounceIfNew(ManagedLink link)
    {
        if (!NeedsAnnouncing(link) || !_announcing.Add(link.Host.Index)) return;
        _controller.Background.Run($"{link.Host.Name}: announcing ourselves", () => AnnounceAsync(link));
    }

    private bool NeedsAnnouncing(ManagedLink link) =>
        link.Role == LinkRole.Endpoint && link.Host.IsUp && HasDiscovery(link.Host) && !UpstreamOf(link.Host.Index).IsDiscovered
        && ReferenceEquals(_controller.Links.Find(link.Host.Index), link);

    // To no EID and no physical address: the binding leads that to the root of the bus, where the bus owner sits (DSP0238, route to root complex).
    private async Task AnnounceAsync(ManagedLink link)
    {
        try
        {
            for (int round = 0; round < Rounds && NeedsAnnouncing(link); round++)
            {
                if (round != 0 && !await _controller.Background.PauseAsync(_controller.Options.Reclaim)) return;
                if (!NeedsAnnouncing(link)) return;
                var root = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, link.Host.Network, link.Host.Index);
                ControlAnswer answer = await _controller.Queries.AskAsync(root, ControlCommand.DiscoveryNotify);
                if (answer.IsSuccess) return;
            }
        }
        finally
        {
            _announcing.Remove(link.Host.Index);
        }
    }
}
