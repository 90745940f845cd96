// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>All that a stack keeps about one of its links.</summary>
internal sealed class LinkPort
{
    public readonly MctpLink Link;
    public MctpNetwork Network;
    public readonly AssemblyTable Assemblies;
    public readonly StagedSends Staged;

    /// <summary>
    /// The latest assembly of each tag value, so that a stream needs no search even when messages are interleaved. Never null: idle entries match
    /// no packet. Kept by <see cref="Assemblies"/>.
    /// </summary>
    public readonly Assembly[] Recent = new Assembly[8];

    /// <summary>Our EIDs on this link; the first is the source of what we send.</summary>
    public readonly List<Eid> Addresses = [];

    /// <summary>Raw sockets that listen here; null when there are none, which is the usual case.</summary>
    public MctpSocketCore[]? RawListeners;

    /// <summary>The link at the other end of a wire, which gets all that arrives here; null without one, which is the usual case.</summary>
    public LinkPort? Wire;

    /// <summary>True when arriving packets may have another destination than the stack's own sockets, so that the usual case costs one look. Kept by the stack.</summary>
    public bool IsTapped;

    /// <summary>Since when packets that others hold back for this link find no room; <see cref="long.MaxValue"/> while they do.</summary>
    public long FullSince = long.MaxValue;

    /// <summary>The physical source of the packet that is being received, where the link names one.</summary>
    public PhysicalAddress Sender;

    /// <summary>True while packets are written that nobody has flushed.</summary>
    public bool IsDirty;

    public LinkPort(MctpLink link, MctpNetwork network, MctpStackOptions options)
    {
        Link = link;
        Network = network;
        Assemblies = new AssemblyTable(options.ReassemblyContextsPerLink, Recent);
        Staged = new StagedSends();
    }

    /// <summary>The first address, or the null EID without one.</summary>
    public Eid Source { get; private set; }

    /// <summary>Call it after each change of <see cref="Addresses"/>.</summary>
    public void AddressesChanged() => Source = Addresses.Count == 0 ? Eid.Null : Addresses[0];

    /// <summary>Counts a drop for the link and for its stack.</summary>
    public void CountDrop(StackStatistics statistics, DropReason reason)
    {
        Link.Statistics.Drops.Count(reason);
        statistics.Drops.Count(reason);
    }
}
