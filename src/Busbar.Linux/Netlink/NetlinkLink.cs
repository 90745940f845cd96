// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A network interface as rtnetlink describes it.</summary>
public sealed record NetlinkLink
{
    /// <summary>Its index.</summary>
    public required int Index { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Largest packet; with MCTP, in bytes of MCTP packet, header included.</summary>
    public int Mtu { get; init; }

    /// <summary>The least that its MTU may be set to; 0 when the kernel does not tell.</summary>
    public int MinimumMtu { get; init; }

    /// <summary>The most that its MTU may be set to; 0 when the kernel does not tell.</summary>
    public int MaximumMtu { get; init; }

    /// <summary>Its own physical address; empty where the medium has none.</summary>
    public ReadOnlyMemory<byte> HardwareAddress { get; init; }

    /// <summary>Packets that its transmit queue holds.</summary>
    public int QueueLength { get; init; }

    /// <summary>True when an administrator brought it up.</summary>
    public bool IsUp { get; init; }

    /// <summary>True when its medium is there.</summary>
    public bool HasCarrier { get; init; }

    /// <summary>Its MCTP network; null when MCTP does not use the interface.</summary>
    public uint? Network { get; init; }

    /// <summary>Its physical binding (DSP0239); null where the kernel (before 6.13) does not tell.</summary>
    public byte? Binding { get; init; }
}
