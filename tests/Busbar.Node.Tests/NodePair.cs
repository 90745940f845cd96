// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Owner and discoverer, two nodes of this process that meet in a real window with real doorbells.</summary>
internal sealed class NodePair : IDisposable
{
    /// <summary>Nothing is looked at again by itself for longer than any test waits: what a lost wake-up leaves lying stays there, and the test times out.</summary>
    public static readonly MmbiTimings NoSecondLook = new() { RingAgainInterval = 120_000, VerifyInterval = 120_000, WatchInterval = 120_000 };

    private readonly TemporaryFolder _folder = new();

    private NodePair(WindowKind kind, WaitStrategy wait, string size, MctpNodeOptions? ownerOptions, MctpNodeOptions? discovererOptions, MmbiTimings? timings)
    {
        string path = _folder.File("w");
        string window = kind == WindowKind.Ivshmem ? $"mmbi:ivshmem:{path}" : $"mmbi:shm:{path}";
        string strategy = wait.ToString().ToLowerInvariant();
        OwnerLink = $"{window},size={size},wait={strategy}";
        DiscovererLink = $"{window},wait={strategy}";
        Owner = NodeEnd.Open(OwnerLink, MmbiRole.Owner, ownerOptions, timings: timings);
        Discoverer = NodeEnd.Open(DiscovererLink, MmbiRole.Discoverer, discovererOptions, timings: timings);
    }

    public string OwnerLink { get; }

    public string DiscovererLink { get; }

    public NodeEnd Owner { get; private set; }

    public NodeEnd Discoverer { get; private set; }

    public TemporaryFolder Folder => _folder;

    public static NodePair Open(
        WindowKind kind = WindowKind.Ivshmem, WaitStrategy wait = WaitStrategy.Block, string size = "256K",
        MctpNodeOptions? ownerOptions = null, MctpNodeOptions? discovererOptions = null, MmbiTimings? timings = null)
    {
        var pair = new NodePair(kind, wait, size, ownerOptions, discovererOptions, timings);

        // At the same time, because nobody else serves a node without an agent.
        using var owner = new Background(() => Assert.True(pair.Owner.IsUpWithin(5), "the owner's link did not come up"));
        Assert.True(pair.Discoverer.IsUpWithin(5), "the discoverer's link did not come up");
        owner.Join();
        return pair;
    }

    public void RestartOwner()
    {
        Owner.Dispose();
        Owner = NodeEnd.Open(OwnerLink, MmbiRole.Owner);
    }

    public void RestartDiscoverer()
    {
        Discoverer.Dispose();
        Discoverer = NodeEnd.Open(DiscovererLink, MmbiRole.Discoverer);
    }

    public void Dispose()
    {
        Discoverer.Dispose();
        Owner.Dispose();
        _folder.Dispose();
    }
}
