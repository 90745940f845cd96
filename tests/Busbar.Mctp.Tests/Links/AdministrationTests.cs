// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>What an administrator changes on a link, and who hears of it.</summary>
public sealed class AdministrationTests
{
    private readonly Core _core = new(mtu: 132);
    private readonly List<(StackChangeKind, string, int)> _changes = [];

    public AdministrationTests() => _core.Stack.Changed += change => _changes.Add((change.Kind, change.Link.Name, change.Eid.Value));

    [Fact]
    public void Down_LetsNothingInOrOut()
    {
        MctpSocketCore socket = _core.OpenBound();
        MctpSocketCore raw = _core.Stack.OpenSocket(MctpSocketKind.Raw);
        _core.Stack.Bind(raw, new MctpEndPoint(Eid.Any, default));
        _core.Link.SetAdministrativelyUp(up: false, _core.Now);
        Assert.False(_core.Link.IsUp);
        Assert.Equal(SendStatus.LinkDown, _core.Stack.Send(socket, Core.Peer(9), [1], _core.Now));
        Assert.Equal(SendStatus.LinkDown, _core.Stack.SendRaw(raw, 1, [1, 9, 8, 0xC8, 1]));
        _core.Arrive(9, 8);
        _core.Poll();

        Assert.Equal(0, socket.QueuedMessages + raw.QueuedMessages);
        Assert.Equal(1, _core.Drops[DropReason.LinkDisabled]);
        Assert.Empty(_core.Wire.Take());
        Assert.Equal(8, _core.Stack.SourceAddress(_core.Link).Value);

        _core.Link.SetAdministrativelyUp(up: true, _core.Now);
        Assert.True(_core.Link.IsUp);
        _core.Arrive(9, 8);
        Assert.NotNull(_core.Receive(socket));
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(socket, Core.Peer(9), [1], _core.Now));
    }

    [Fact]
    public void Down_FailsOpenRequests()
    {
        MctpSocketCore socket = _core.Stack.OpenSocket();
        _core.Request(socket);
        _core.Link.SetAdministrativelyUp(up: false, _core.Now);

        Assert.Equal(SocketFault.LinkDown, socket.TakeError());
    }

    [Fact]
    public void MediumThatGoesAndComes_WhileTheLinkIsDown_DoesNotRaiseIt()
    {
        _core.Link.SetAdministrativelyUp(up: false, _core.Now);
        _core.Wire.Near.SetUp(up: false, _core.Now);
        _core.Wire.Near.SetUp(up: true, _core.Now);
        Assert.False(_core.Link.IsUp);

        _core.Link.SetAdministrativelyUp(up: true, _core.Now);
        Assert.True(_core.Link.IsUp);
    }

    [Fact]
    public void AdministrativeMtu_LimitsWhatTheMediumTakes()
    {
        MctpSocketCore socket = _core.Stack.OpenSocket();
        _core.Link.AdministrativeMtu = 100;
        Assert.Equal((100, 132), (_core.Link.Mtu, _core.Link.MaximumMtu));
        _core.Request(socket, length: 120);
        Assert.Equal([100, 4 + 25], _core.Wire.Take().Select(packet => packet.Length));

        _core.Link.AdministrativeMtu = 500;
        Assert.Equal(132, _core.Link.Mtu);
        _core.Link.AdministrativeMtu = 0;
        Assert.Equal(132, _core.Link.Mtu);
        Assert.Throws<ArgumentOutOfRangeException>(() => _core.Link.AdministrativeMtu = 67);
        Assert.Throws<ArgumentOutOfRangeException>(() => _core.Link.AdministrativeMtu = -1);
    }

    [Fact]
    public void Changes_OfLinks_AreToldOnceEach()
    {
        var link = new LoopbackLink("lo");
        _core.Stack.AddLink(link);
        link.AdministrativeMtu = 68;
        link.AdministrativeMtu = 68;
        link.SetAdministrativelyUp(up: false, 1);
        link.SetAdministrativelyUp(up: false, 1);
        _core.Stack.SetNetwork(link, 7, 1);
        _core.Stack.SetNetwork(link, 7, 1);
        _core.Stack.RemoveLink(link, 2);
        link.AdministrativeMtu = 100;

        Assert.Equal(
            [
                (StackChangeKind.LinkAdded, "lo", 0), (StackChangeKind.LinkChanged, "lo", 0), (StackChangeKind.LinkChanged, "lo", 0), (StackChangeKind.LinkChanged, "lo", 0),
                (StackChangeKind.LinkRemoved, "lo", 0),
            ],
            _changes);
    }

    [Fact]
    public void Changes_OfAddresses_AreTold()
    {
        _core.Stack.AddAddress(_core.Link, new Eid(30));
        _core.Stack.AddAddress(_core.Link, new Eid(30));
        _core.Stack.SetAddress(_core.Link, new Eid(31));
        _core.Stack.SetAddress(_core.Link, new Eid(30));
        _core.Stack.SetAddress(_core.Link, Eid.Null);
        _core.Stack.RemoveAddress(_core.Link, new Eid(30));

        Assert.Equal(
            [
                (StackChangeKind.AddressAdded, "wirea", 30), (StackChangeKind.AddressRemoved, "wirea", 8), (StackChangeKind.AddressAdded, "wirea", 31),
                (StackChangeKind.AddressRemoved, "wirea", 31), (StackChangeKind.AddressRemoved, "wirea", 30),
            ],
            _changes);
    }

    [Fact]
    public void RemovedLink_IsToldWithItsIndex()
    {
        int index = 0;
        _core.Stack.Changed += change => index = change.Link.Index;
        _core.Stack.RemoveLink(_core.Link, 1);

        Assert.Equal(1, index);
        Assert.Equal(0, _core.Link.Index);
    }
}
