// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Raw sockets: packets as they are.</summary>
public sealed class RawSocketTests
{
    private readonly Core _core = new();

    [Fact]
    public void RawSocket_SeesEveryPacketAlsoThoseThatAreDropped()
    {
        MctpSocketCore raw = Open(_core.Link.Index);
        string[] packets = ["01 08 09 c8 7e 01", "02 08 09 c8 7e", "01 63 09 48 00", "01 08 09 c8"];
        foreach (string packet in packets) _core.Wire.Send(packet);

        foreach (string packet in packets) Assert.Equal(packet, Bytes.ToHex(_core.Receive(raw)!));
        Assert.Null(_core.Receive(raw));
    }

    [Fact]
    public void RawSocket_TellsTheFieldsOfTheHeader()
    {
        MctpSocketCore raw = Open(0);
        _core.Wire.Send("01 08 09 cd 7e 01");

        _core.Receive(raw, out MctpReceiveResult result);

        Assert.Equal(new Eid(9), result.From.Eid);
        Assert.Equal(new MessageType(0x7E), result.From.Type);
        Assert.Equal(MctpTag.Owned(5), result.From.Tag);
        Assert.Equal(_core.Link.Index, result.From.Link);
        Assert.Equal(new Eid(8), result.Local);
        Assert.Equal(6, result.Length);
    }

    [Fact]
    public void RawSocket_OfOneLink_DoesNotSeeTheOthers()
    {
        var second = new WireEnd(_core.Stack);
        MctpSocketCore one = Open(_core.Link.Index);
        MctpSocketCore all = Open(0);
        second.Send("01 08 09 c8 7e 01");
        _core.Poll();

        Assert.Equal(0, one.QueuedMessages);
        Assert.Equal(1, all.QueuedMessages);
    }

    [Fact]
    public void RawSocketOfAllLinks_SeesALinkThatComesLater()
    {
        MctpSocketCore all = Open(0);
        var later = new WireEnd(_core.Stack);
        later.Send("01 08 09 c8 7e 01");

        Assert.NotNull(_core.Receive(all));
    }

    [Fact]
    public void RawSocket_WhenFull_CountsAndLetsThePacketPass()
    {
        var core = new Core(options: new MctpStackOptions { SocketQueueMessages = 2 });
        MctpSocketCore raw = core.Stack.OpenSocket(MctpSocketKind.Raw);
        core.Stack.Bind(raw, default);
        MctpSocketCore bound = core.OpenBound();
        for (int i = 0; i < 2; i++) core.Arrive(9, 8);
        core.Poll();
        core.Receive(bound);
        core.Arrive(9, 8);
        core.Poll();

        Assert.Equal(2, bound.QueuedMessages);
        Assert.Equal(1, raw.Dropped);
        Assert.Equal(1, core.Drops[DropReason.RawQueueFull]);
    }

    [Fact]
    public void RawSocket_AfterClose_CostsNothing()
    {
        MctpSocketCore raw = Open(0);
        _core.Stack.Close(raw, 0);
        _core.Wire.Send("01 08 09 c8 7e 01");
        _core.Poll();

        Assert.Equal(0, raw.QueuedMessages);
    }

    [Fact]
    public void SendRaw_OfAnyBytes_SendsThemAsTheyAre()
    {
        MctpSocketCore raw = _core.Stack.OpenSocket(MctpSocketKind.Raw);

        Assert.Equal(SendStatus.Ok, _core.Stack.SendRaw(raw, _core.Link.Index, Bytes.FromHex("f7 00 ff 35 01 02 03")));
        Assert.Equal("f7 00 ff 35 01 02 03", Bytes.ToHex(_core.Wire.Take().Single()));
        Assert.Equal(1, _core.Link.Statistics.PacketsSent);
    }

    [Fact]
    public void SendRaw_OfImpossibleSizesOrLinks_IsRefused()
    {
        MctpSocketCore raw = _core.Stack.OpenSocket(MctpSocketKind.Raw);

        Assert.Equal(SendStatus.BadPacket, _core.Stack.SendRaw(raw, _core.Link.Index, new byte[3]));
        Assert.Equal(SendStatus.BadPacket, _core.Stack.SendRaw(raw, _core.Link.Index, new byte[69]));
        Assert.Equal(SendStatus.NoLink, _core.Stack.SendRaw(raw, 7, new byte[10]));
        _core.Wire.Near.SetUp(up: false, 0);
        Assert.Equal(SendStatus.LinkDown, _core.Stack.SendRaw(raw, _core.Link.Index, new byte[10]));
    }

    private MctpSocketCore Open(int link)
    {
        MctpSocketCore raw = _core.Stack.OpenSocket(MctpSocketKind.Raw);
        Assert.Equal(BindStatus.Ok, _core.Stack.Bind(raw, new MctpEndPoint(Eid.Any, default, link: link)));
        return raw;
    }
}
