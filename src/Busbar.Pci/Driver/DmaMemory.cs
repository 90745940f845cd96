// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>Memory that a device can reach by itself.</summary>
/// <param name="region">The memory, as this process sees it.</param>
/// <param name="busAddress">The address of its first byte on the device's side of the IOMMU.</param>
/// <param name="unmap">Takes it away from the device; null when there is nothing to do.</param>
public sealed class DmaMemory(SharedRegion region, ulong busAddress, Action? unmap = null) : IDisposable
{
    private Action? _unmap = unmap;

    /// <summary>The memory.</summary>
    public SharedRegion Region { get; } = region;

    /// <summary>What to tell the device.</summary>
    public ulong BusAddress { get; } = busAddress;

    /// <summary>Takes the memory away from the device, then frees it. Idempotent.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _unmap, null)?.Invoke();
        Region.Dispose();
    }
}
