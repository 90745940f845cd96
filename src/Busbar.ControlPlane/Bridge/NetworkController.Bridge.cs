// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <content>What others ask us, and what a bus owner above us gives.</content>
public sealed partial class NetworkController
{
    /// <summary>The message types and vendor-defined command sets that programs on this system serve.</summary>
    public TypeRegistry Types { get; } = new();

    /// <summary>What became of the requests of others.</summary>
    public ResponderStatistics ResponderStatistics { get; } = new();

    /// <summary>Our part below other bus owners.</summary>
    internal BridgeRole Bridge => field ??= new BridgeRole(this);

    internal ControlPlaneResponder Responder => field ??= new ControlPlaneResponder(this);

    // Called when links and own EIDs are known.
    private void StartAnswering()
    {
        Responder.DiscoveryNotified += request => OnDiscoveryNotified(request);
        Responder.Start();
        Bridge.Start();
    }

    private void StopAnswering()
    {
        Bridge.Stop();
        Responder.Dispose();
    }
}
