// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>What follows an assignment, an allocation, an update, or a change of the links; after the answer has left.</content>
internal sealed partial class BridgeRole
{
    public void Start()
    {
    }

    public void Stop()
    {
    }

    public void FollowAssignment(int link) => Follow(link);

    public void FollowAllocation(int link) => Follow(link);

    public void FollowRoutes(int link) => Follow(link);

    private void Follow(int link)
    {
        if (_controller.Links.Find(link) is { } found) Synchronise(found.Host.Network);
    }
}
