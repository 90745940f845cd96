// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>A link (a network interface, in the kernel's words) that carries MCTP.</summary>
/// <param name="Index">Its number, from 1.</param>
/// <param name="Name">Its name.</param>
/// <param name="Network">Its MCTP network, from 1.</param>
/// <param name="Address">Our physical address on it; empty where the medium has none.</param>
/// <param name="Mtu">Largest packet sent, bytes, header included.</param>
/// <param name="MinimumMtu">The least that it may be set to; what every endpoint there must take.</param>
/// <param name="MaximumMtu">The most that it may be set to.</param>
/// <param name="IsUp">Whether an administrator wants it up (kernel), or packets can flow (our stack).</param>
/// <param name="Binding">Physical transport binding; <see cref="PhysicalBinding.Unspecified"/> when not known.</param>
public sealed record HostLink(
    int Index, string Name, uint Network, PhysicalAddress Address, int Mtu, int MinimumMtu, int MaximumMtu, bool IsUp, PhysicalBinding Binding)
{
    /// <summary>Where the link sits in the system's device tree (the sysfs path without <c>/sys</c>); null when not known or not a device.</summary>
    public string? DevicePath { get; init; }
}
