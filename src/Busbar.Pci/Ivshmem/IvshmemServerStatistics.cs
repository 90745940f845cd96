// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What an <see cref="IvshmemServer"/> has counted since it started. Any thread may read it; each number is right, the set is not one moment's.</summary>
public sealed class IvshmemServerStatistics
{
    private readonly long[] _drops = new long[Enum.GetValues<IvshmemDropReason>().Length];
    private long _connected;
    private long _refusedFull;
    private long _refusedResources;

    /// <summary>Clients admitted.</summary>
    public long Connected => Interlocked.Read(ref _connected);

    /// <summary>Connections closed at once because <see cref="IvshmemServerOptions.MaximumClients"/> were there.</summary>
    public long RefusedFull => Interlocked.Read(ref _refusedFull);

    /// <summary>Connections closed at once, or not taken, because no descriptor or memory was free.</summary>
    public long RefusedResources => Interlocked.Read(ref _refusedResources);

    /// <summary>Clients let go for a reason.</summary>
    /// <param name="reason">The reason.</param>
    public long Dropped(IvshmemDropReason reason) => Interlocked.Read(ref _drops[(int)reason]);

    internal void CountConnected() => Interlocked.Increment(ref _connected);

    internal void CountRefusedFull() => Interlocked.Increment(ref _refusedFull);

    internal void CountRefusedResources() => Interlocked.Increment(ref _refusedResources);

    internal void CountDrop(IvshmemDropReason reason) => Interlocked.Increment(ref _drops[(int)reason]);
}
