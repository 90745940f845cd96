// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>What a simple endpoint answers, byte for byte.</summary>
public sealed class ControlResponderTests
{
    private static readonly Guid s_uuid = new("00112233-4455-6677-8899-aabbccddeeff");

    private static readonly ControlResponderOptions s_options = new()
    {
        Uuid = s_uuid,
        MessageTypes = [MessageType.Pldm, MessageType.VendorPci],
        TypeVersions = new Dictionary<MessageType, IReadOnlyList<MctpVersion>> { [MessageType.Pldm] = [new(1, 0)] },
        VendorSets = [new(VendorIdFormat.Pci, 0x1AB4, 1), new(VendorIdFormat.Iana, 0xA015, 2)],
    };

    private readonly MctpStack _stack = new();
    private readonly WireEnd _wire;
    private ControlResponder _responder;

    public ControlResponderTests()
    {
        _wire = new WireEnd(_stack);
        _responder = Use(s_options);
    }

    [Theory]
    [InlineData("80 02", "00 02 00 00 00 00")]
    [InlineData("9f 02", "1f 02 00 00 00 00")]
    [InlineData("81 03", "01 03 00 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff")]
    [InlineData("82 04 ff", "02 04 00 04 f1 f0 ff 00 f1 f1 ff 00 f1 f2 ff 00 f1 f3 f3 00")]
    [InlineData("82 04 00", "02 04 00 04 f1 f0 ff 00 f1 f1 ff 00 f1 f2 ff 00 f1 f3 f3 00")]
    [InlineData("82 04 01", "02 04 00 01 f1 f0 ff 00")]
    [InlineData("82 04 05", "02 04 80")]
    [InlineData("83 05", "03 05 00 03 00 01 7e")]
    [InlineData("84 06 00", "04 06 00 01 00 1a b4 00 01")]
    [InlineData("84 06 01", "04 06 00 ff 01 00 00 a0 15 00 02")]
    [InlineData("84 06 02", "04 06 02")]
    [InlineData("85 0b", "05 0b 05")]
    [InlineData("85 0c", "05 0c 05")]
    [InlineData("85 0d", "05 0d 00")]
    [InlineData("85 0e", "05 0e 05")]
    [InlineData("86 11", "06 11 00 00 40 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")]
    [InlineData("86 12 00 00 01 00 00 00 02", "06 12 02")]
    [InlineData("86 13 00 00 01 00 00 00 02", "06 13 05")]
    [InlineData("86 14", "06 14 00 01 00 00")]
    public void Request_IsAnswered(string request, string answer) => Assert.Equal(answer, Ask(request));

    [Theory]
    [InlineData("87 07 09")]
    [InlineData("87 08 00 05 0a")]
    [InlineData("87 09 00")]
    [InlineData("87 0a 00")]
    [InlineData("87 0f 09 01")]
    [InlineData("87 10 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00")]
    [InlineData("87 00")]
    [InlineData("87 15")]
    [InlineData("87 7f 01")]
    [InlineData("87 f0 07 00")]
    [InlineData("87 ff")]
    public void CommandOfABridgeOrUnknownOne_IsUnsupportedNeverSilence(string request) =>
        Assert.Equal($"07 {request[3..5]} 05", Ask(request));

    [Theory]
    [InlineData("80 01")]
    [InlineData("80 01 00")]
    [InlineData("80 01 00 09 00")]
    [InlineData("80 02 00")]
    [InlineData("80 03 00")]
    [InlineData("80 04")]
    [InlineData("80 04 00 00")]
    [InlineData("80 05 00")]
    [InlineData("80 06")]
    [InlineData("80 0d 00")]
    [InlineData("80 12 00")]
    [InlineData("80 14 00")]
    public void RequestOfTheWrongLength_IsRefusedAsSuch(string request) => Assert.Equal($"00 {request[3..5]} 03", Ask(request));

    [Fact]
    public void SetEndpointId_IsAppliedAndAnsweredFromTheOldDestination()
    {
        EidAssignment? assigned = null;
        _responder.EidAssigned += assignment => assigned = assignment;
        _wire.Send(8, 0, Core.Flags(som: true, eom: true, tag: 5), Bytes.FromHex("00 81 01 00 1e"));
        _stack.Poll(1_234, 100);

        Assert.Equal("01 08 00 c5 00 01 01 00 00 1e 00", Bytes.ToHex(_wire.Take().Single()));
        Assert.Equal(new Eid(30), _stack.SourceAddress(_wire.Near));
        Assert.Equal((_wire.Near, Eid.Null, new Eid(30), 1_234L), (assigned!.Value.Link, assigned.Value.Previous, assigned.Value.Eid, assigned.Value.Now));
        Assert.Equal(new Eid(8), assigned.Value.BusOwner.Eid);
        Assert.True(_responder.IsDiscovered(_wire.Near));
        Assert.Equal(new Eid(8), _responder.BusOwnerOf(_wire.Near)!.Value.Eid);
        Assert.Equal("00 02 00 1e 00 00", Ask("80 02", destination: 30));
    }

    [Fact]
    public void SetEndpointId_AskedForUnderTheOldEid_IsAnsweredFromIt()
    {
        _stack.AddAddress(_wire.Near, new Eid(30));
        _wire.Send(8, 30, Core.Flags(som: true, eom: true), Bytes.FromHex("00 80 01 01 28"));
        _stack.Poll(0, 100);

        Assert.Equal("01 08 1e c0 00 00 01 00 00 28 00", Bytes.ToHex(_wire.Take().Single()));
        Assert.Equal([new Eid(40)], _stack.Addresses(_wire.Near));
    }

    [Theory]
    [InlineData("00 00")]
    [InlineData("00 ff")]
    [InlineData("01 07")]
    [InlineData("02 00")]
    [InlineData("03 00")]
    public void SetEndpointId_ToAnImpossibleValueOrWithoutItsBasis_IsInvalidData(string data)
    {
        Assert.Equal("00 01 02", Ask("80 01 " + data));
        Assert.Empty(_stack.Addresses(_wire.Near));
    }

    [Fact]
    public void SetEndpointId_Reset_GoesBackToTheStaticEid()
    {
        Use(s_options with { StaticEid = new Eid(50) });
        _stack.AddAddress(_wire.Near, new Eid(50));

        Assert.Equal("00 02 00 32 02 00", Ask("80 02"));
        Assert.Equal("00 01 00 00 1e 00", Ask("80 01 00 1e"));
        Assert.Equal("00 02 00 1e 03 00", Ask("80 02"));
        Assert.Equal("00 01 00 00 32 00", Ask("80 01 02 00"));
        Assert.Equal("00 02 00 32 02 00", Ask("80 02"));
    }

    [Fact]
    public void Discovery_OnABindingThatHasIt_FollowsTheFlag()
    {
        Use(s_options with { SupportsDiscovery = true });

        Assert.Equal("00 0c 00", Ask("80 0c", destination: 255));
        Assert.Equal("00 01 00 00 00 00", Ask("80 01 03 00"));
        Assert.Null(Ask("80 0c", destination: 255));
        Assert.Equal("00 0b 00", Ask("80 0b", destination: 255));
        Assert.Equal("00 0c 00", Ask("80 0c", destination: 255));
        Assert.Equal("00 01 00 00 1e 00", Ask("80 01 00 1e"));
        Assert.Null(Ask("80 0c", destination: 255));
        Assert.True(_responder.IsDiscovered(_wire.Near));
    }

    [Fact]
    public void NetworkId_WhereThereIsOne_IsTold()
    {
        Use(s_options with { NetworkId = s_uuid });

        Assert.Equal("00 0e 00 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff", Ask("80 0e"));
    }

    [Fact]
    public void MessageTypes_MayLeaveOutTypeZero()
    {
        Use(s_options with { ListsControlType = false });

        Assert.Equal("00 05 00 02 01 7e", Ask("80 05"));
    }

    [Fact]
    public void Interfaces_AreOurLinksWithTheirEids()
    {
        new AddressedEnd(_stack).Attach();
        _stack.AddAddress(_stack.Links[1], new Eid(31));

        Assert.Equal("00 14 00 02 00 00 01 1f", Ask("80 14"));
    }

    [Fact]
    public void DiscoveryNotify_IsReported()
    {
        MctpEndPoint? from = null;
        _responder.DiscoveryNotified += (sender, _) => from = sender;

        Assert.Equal("00 0d 00", Ask("80 0d"));
        Assert.Equal(new Eid(8), from!.Value.Eid);
    }

    [Fact]
    public void EveryCombinationOfOwnerRequestAndDatagramBits_IsAnsweredOnlyWhenItIsARequest()
    {
        for (int bits = 0; bits < 8; bits++)
        {
            bool owner = (bits & 4) != 0;
            byte flags = (byte)((bits & 3) << 6);
            bool isRequest = owner && flags == 0x80;
            long before = _stack.Statistics.Drops.Total;
            string? answer = Ask($"{flags:x2} 02", owner: owner);

            Assert.Equal(isRequest, answer is not null);
            bool isDatagram = owner && flags == 0xC0;
            Assert.Equal(isRequest || isDatagram ? 0 : 1, _stack.Statistics.Drops.Total - before);
        }

        Assert.Equal(2, _stack.Statistics.Drops[DropReason.BadControlMessage]);
    }

    [Fact]
    public void Datagram_IsObeyedWithoutAnAnswer()
    {
        Assert.Null(Ask("c0 01 00 1e"));
        Assert.Equal(new Eid(30), _stack.SourceAddress(_wire.Near));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    public void MessageTooShortToBeOne_IsCountedInSilence(string body)
    {
        Assert.Null(Ask(body));
        Assert.Equal(1, _stack.Statistics.Drops[DropReason.BadControlMessage]);
    }

    [Fact]
    public void MessageWithIntegrityBit_IsCountedInSilence()
    {
        _wire.Send(8, 0, Core.Flags(som: true, eom: true), Bytes.FromHex("80 80 02"));
        _stack.Poll(0, 100);

        Assert.Empty(_wire.Take());
        Assert.Equal(1, _stack.Statistics.Drops[DropReason.BadControlMessage]);
    }

    [Fact]
    public void SetEndpointIdForEverybody_IsIgnored()
    {
        Assert.Null(Ask("80 01 00 1e", destination: 255));
        Assert.Empty(_stack.Addresses(_wire.Near));
    }

    [Fact]
    public void Request_FromANullEid_IsAnsweredToIt()
    {
        _wire.Send(0, 0, Core.Flags(som: true, eom: true, tag: 7), Bytes.FromHex("00 80 02"));
        _stack.Poll(0, 100);

        Assert.Equal("01 00 00 c7 00 00 02 00 00 00 00", Bytes.ToHex(_wire.Take().Single()));
    }

    [Fact]
    public void RandomBodies_NeverThrowAndGetAtMostOneAnswer()
    {
        var random = new Random(5);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] body = new byte[random.Next(1, 64)];
            random.NextBytes(body);
            body[0] = 0;
            if (body.Length > 2) body[2] = (byte)random.Next(0x16);
            _wire.Send(8, 0, Core.Flags(som: true, eom: true, tag: i & 7), body);
            _stack.Poll(i, 100);

            Assert.InRange(_wire.Take().Count, 0, 1);
        }
    }

    [Fact]
    public void Options_ThatFitNoAnswer_AreAMistakeOfTheCaller()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ControlResponder(s_options with { StaticEid = new Eid(3) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ControlResponder(s_options with { MessageTypes = [.. Enumerable.Range(1, 60).Select(i => new MessageType((byte)i))] }));
    }

    private ControlResponder Use(ControlResponderOptions options)
    {
        _responder = new ControlResponder(options);
        _stack.SetService(MessageType.Control, _responder);
        return _responder;
    }

    // The body of the answer without its type byte, or null when there is none.
    private string? Ask(string body, byte destination = 0, bool owner = true)
    {
        _wire.Send(8, destination, Core.Flags(som: true, eom: true, owner: owner, tag: 2), [0, .. Bytes.FromHex(body)]);
        _stack.Poll(0, 100);
        byte[]? answer = _wire.Take().SingleOrDefault();
        if (answer is null) return null;
        Assert.Equal([1, 8], answer[..2]);
        Assert.Equal([0xC2, 0], answer[3..5]);
        return Bytes.ToHex(answer.AsSpan(5));
    }
}
