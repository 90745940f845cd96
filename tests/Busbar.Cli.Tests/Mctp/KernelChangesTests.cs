// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>What <c>busbar monitor --kernel</c> makes of the kernel's announcements.</summary>
public sealed class KernelChangesTests
{
    private readonly FakeSystem _system = new();
    private readonly List<MonitorLine> _told = [];

    public KernelChangesTests() => _system.Fake.LinkList.RemoveAll(link => link.Index == 4);

    [Fact]
    public void Announcements_OfALife_AreToldInOrder()
    {
        Follow(0, NetlinkSamples.Link, NetlinkSamples.AddressAdded, NetlinkSamples.AddressRemoved, NetlinkSamples.LinkRemoved);

        Assert.Equal(["ready", "link_added", "address_added", "address_removed", "link_removed"], _told.Select(line => line.Event));
        Assert.Equal(("mctp0", 4, 7u, true), (_told[1].Link, _told[1].Index, _told[1].Network, _told[1].Up));
        Assert.Equal((9, "mctp0", 7u), (_told[2].Eid, _told[2].Link, _told[2].Network));
        Assert.Equal("link removed: net 7 dev mctp0 index 4", _told[4].ToText());
    }

    [Fact]
    public void Announcements_ThatChangeNothing_AreNotTold()
    {
        Follow(0, NetlinkSamples.Link, NetlinkSamples.Link, NetlinkSamples.Ethernet, NetlinkSamples.Unknown);

        Assert.Equal(["ready", "link_added"], _told.Select(line => line.Event));
    }

    [Fact]
    public void Announcements_BrokenAnywhere_AreHarmless()
    {
        byte[] all = [.. NetlinkSamples.Link, .. NetlinkSamples.AddressAdded, .. NetlinkSamples.LinkRemoved];
        Follow(0, [.. Enumerable.Range(0, all.Length).Select(length => all[..length])]);

        Assert.Equal("ready", _told[0].Event);
    }

    [Fact]
    public void Count_Reached_EndsIt()
    {
        Follow(2, NetlinkSamples.Link, NetlinkSamples.AddressAdded, NetlinkSamples.AddressRemoved, NetlinkSamples.LinkRemoved);

        Assert.Equal(["ready", "link_added", "address_added"], _told.Select(line => line.Event));
    }

    private void Follow(int most, params byte[][] announcements)
    {
        _system.Announcements.AddRange(announcements);
        using var changes = new KernelChanges(_system, _told.Add, most);
        changes.Follow(CancellationToken.None);
    }
}
