// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>Where one instance lies in its window: everything in bytes from the window's first byte.</summary>
/// <param name="Descriptor">First byte of the descriptor that announces the instance.</param>
/// <param name="OwnerToHost">The B2H ring.</param>
/// <param name="HostToOwner">The H2B ring.</param>
/// <param name="Ros">Host_ROS.</param>
/// <param name="Rws">Host_RWS.</param>
public sealed record MmbiPlacement(int Descriptor, MmbiRing OwnerToHost, MmbiRing HostToOwner, int Ros, int Rws)
{
    internal static MmbiPlacement Of(MmbiInstance instance, int descriptor) => new(
        descriptor,
        instance.OwnerToHost with { Start = instance.OwnerToHost.Start + descriptor },
        instance.HostToOwner with { Start = instance.HostToOwner.Start + descriptor },
        checked((int)instance.Ros + descriptor),
        checked((int)instance.Rws + descriptor));
}
