// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;

namespace Busbar.Mctp.Tests;

/// <summary>The data of control messages: known bytes, round trips, and bytes that are none. Offsets in DSP0236 count the type byte.</summary>
public sealed class ControlMessageTests
{
    private static readonly Guid s_uuid = new("00112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void Header_OfARequest_HasItsBits()
    {
        ControlHeader header = ControlHeader.Request(ControlCommand.GetEndpointId, 21);
        byte[] bytes = new byte[2];

        Assert.Equal(2, header.Emit(bytes));
        Assert.Equal([0x95, 0x02], bytes);
        Assert.Equal(new ControlHeader(0x15, ControlCommand.GetEndpointId), header.ToResponse());
        Assert.Equal(0xC3, ControlHeader.Datagram(ControlCommand.EndpointDiscovery, 3).Flags);
    }

    [Fact]
    public void Header_EveryFlagByte_IsSplit()
    {
        for (int value = 0; value < 256; value++)
        {
            Assert.True(ControlHeader.TryParse([(byte)value, 0x99], out ControlHeader header));
            Assert.Equal((value & 0x80) != 0, header.IsRequest);
            Assert.Equal((value & 0x40) != 0, header.IsDatagram);
            Assert.Equal(value & 0x1F, header.InstanceId);
            Assert.Equal((ControlCommand)0x99, header.Command);
        }

        Assert.False(ControlHeader.TryParse([0x80], out _));
    }

    [Fact]
    public void Messages_HaveTheBytesOfTheStandard()
    {
        Same(new SetEndpointIdRequest(SetEndpointIdOperation.Force, new Eid(9)), "01 09");
        Same(new SetEndpointIdResponse(IsRejected: true, EidPoolStatus.Needed, new Eid(9), 4), "11 09 04");
        Same(new GetEndpointIdResponse(new Eid(9), EndpointKind.BusOwnerOrBridge, EidKind.StaticOverridden, 0), "09 13 00");
        Same(new GetEndpointUuidResponse(s_uuid), "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff");
        Same(new GetNetworkIdResponse(s_uuid), "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff");
        Same(new GetVersionSupportRequest(0xFF), "ff");
        Same(new GetVendorDefinedSupportRequest(2), "02");
        Same(new GetVendorDefinedSupportResponse(0xFF, new VendorDefinedSet(VendorIdFormat.Pci, 0x1AB4, 0x0102)), "ff 00 1a b4 01 02");
        Same(new GetVendorDefinedSupportResponse(1, new VendorDefinedSet(VendorIdFormat.Iana, 0x0000A015, 3)), "01 01 00 00 a0 15 00 03");
        Same(new ResolveEndpointIdRequest(new Eid(40)), "28");
        Same(new ResolveEndpointIdResponse(new Eid(9), WireEnd.Address("1d")), "09 1d");
        Same(new AllocateEndpointIdsRequest(AllocateEndpointIdsOperation.Allocate, 5, new Eid(10)), "00 05 0a");
        Same(new AllocateEndpointIdsResponse(IsRejected: false, 5, new Eid(10)), "00 05 0a");
        Same(new GetRoutingTableEntriesRequest(0), "00");
        Same(new QueryHopRequest(new Eid(40), MessageType.Pldm), "28 01");
        Same(new QueryHopResponse(new Eid(9), 0xFF, 1, 0x102), "09 ff 00 01 01 02");
        Same(new ResolveUuidRequest(s_uuid, 0), "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00");
        Same(
            new QueryRateLimitResponse(0x1000, 1, 2, 3, 0x010203, 0x040506, 7, 3),
            "00 00 10 00 00 00 00 01 00 00 00 02 00 00 00 03 01 02 03 04 05 06 00 00 00 07 03");
        Same(new RequestTxRateLimitRequest(0x010203, 0x04050607), "01 02 03 04 05 06 07");
        Same(new RequestTxRateLimitResponse(0x01020304, 5), "01 02 03 04 00 00 00 05");
        Same(new UpdateRateLimitRequest(1, 2), "00 00 01 00 00 00 02");
    }

    [Fact]
    public void Lists_HaveTheBytesOfTheStandard()
    {
        Assert.Equal("02 f1 f0 ff 00 f1 f3 f1 00", Emit(new GetVersionSupportResponse([new(1, 0), new(1, 3, 1)])));
        Assert.Equal("03 00 01 7e", Emit(new GetMessageTypeSupportResponse([MessageType.Control, MessageType.Pldm, MessageType.VendorPci])));
        Assert.Equal(
            "01 01 05 0a 1d",
            Emit(new RoutingInformationUpdateRequest([new(RoutingEntryKind.RangeWithBridge, 5, new Eid(10), WireEnd.Address("1d"))])));
        Assert.Equal(
            "ff 01 05 0a 63 01 02 01 1d",
            Emit(new GetRoutingTableEntriesResponse(0xFF, [new(5, new Eid(10), RoutingEntryKind.RangeWithBridge, true, 3, PhysicalBinding.Smbus, PhysicalMedium.Smbus2I2c, WireEnd.Address("1d"))])));
        Assert.Equal(
            "ff 01 0a 07 0c 00",
            Emit(new ResolveUuidResponse(0xFF, [new(new Eid(10), PhysicalBinding.Mmbi, PhysicalMedium.Pcie4, default)])));
        Assert.Equal("02 07 09 01 00", Emit(new QuerySupportedInterfacesResponse([new(7, new Eid(9)), new(1, Eid.Null)])));
        Assert.Equal("02 0b 01 02 03", Emit(new TransportSpecificRequest(PhysicalBinding.PcieVdm, PhysicalMedium.Pcie3, new byte[] { 1, 2, 3 })));
    }

    [Fact]
    public void QueryHop_SizesInSteps_AreUnitsInBytes()
    {
        var response = new QueryHopResponse(new Eid(9), 0xFF, 0, 252);

        Assert.Equal(64, response.IncomingUnit);
        Assert.Equal(4_096, response.OutgoingUnit);
    }

    [Fact]
    public void Lists_RoundTrip() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            PhysicalAddress address = new(Bytes.Pattern(random.Next(9), seed));
            var versions = new GetVersionSupportResponse([.. Enumerable.Range(0, random.Next(15)).Select(_ => new MctpVersion((uint)random.Next()))]);
            var types = new GetMessageTypeSupportResponse([.. Enumerable.Range(0, random.Next(50)).Select(_ => new MessageType((byte)random.Next(256)))]);
            var update = new RoutingInformationUpdateRequest(
                [.. Enumerable.Range(0, random.Next(5)).Select(i => new RoutingUpdateEntry((RoutingEntryKind)random.Next(4), (byte)i, new Eid((byte)random.Next(256)), address))]);
            var table = new GetRoutingTableEntriesResponse(
                (byte)random.Next(256),
                [.. Enumerable.Range(0, random.Next(5)).Select(i => new RoutingTableEntry((byte)i, new Eid(9), (RoutingEntryKind)random.Next(4), random.Next(2) == 0, (byte)random.Next(32), (PhysicalBinding)random.Next(256), (PhysicalMedium)random.Next(256), address))]);
            var places = new ResolveUuidResponse(1, [.. Enumerable.Range(0, random.Next(5)).Select(i => new EndpointLocation(new Eid((byte)i), PhysicalBinding.Mmbi, PhysicalMedium.Pcc, address))]);
            var interfaces = new QuerySupportedInterfacesResponse([.. Enumerable.Range(0, random.Next(20)).Select(i => new InterfaceDescription((byte)i, new Eid((byte)random.Next(256))))]);
            return RoundTrip(versions, value => value.Versions) && RoundTrip(types, value => value.Types) && RoundTrip(update, value => value.Entries)
                && RoundTrip(table, value => value.Entries) && RoundTrip(places, value => value.Locations) && RoundTrip(interfaces, value => value.Interfaces);
        }));

    [Fact]
    public void FixedMessages_RoundTripFromAnyBytes() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll<byte[]>(bytes =>
        {
            Stable<SetEndpointIdRequest>(bytes);
            Stable<SetEndpointIdResponse>(bytes);
            Stable<GetEndpointIdResponse>(bytes);
            Stable<GetEndpointUuidResponse>(bytes);
            Stable<GetNetworkIdResponse>(bytes);
            Stable<GetVersionSupportRequest>(bytes);
            Stable<GetVendorDefinedSupportRequest>(bytes);
            Stable<GetVendorDefinedSupportResponse>(bytes);
            Stable<ResolveEndpointIdRequest>(bytes);
            Stable<ResolveEndpointIdResponse>(bytes);
            Stable<AllocateEndpointIdsRequest>(bytes);
            Stable<AllocateEndpointIdsResponse>(bytes);
            Stable<GetRoutingTableEntriesRequest>(bytes);
            Stable<QueryHopRequest>(bytes);
            Stable<QueryHopResponse>(bytes);
            Stable<ResolveUuidRequest>(bytes);
            Stable<QueryRateLimitResponse>(bytes);
            Stable<RequestTxRateLimitRequest>(bytes);
            Stable<RequestTxRateLimitResponse>(bytes);
            Stable<UpdateRateLimitRequest>(bytes);
        }));

    [Fact]
    public void EveryParser_OnRandomBytes_AnswersWithoutThrowing()
    {
        var random = new Random(11);
        int parsed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(62)];
            random.NextBytes(bytes);
            if (bytes.Length != 0 && random.Next(2) == 0) bytes[0] = (byte)random.Next(6);
            if (bytes.Length > 1 && random.Next(2) == 0) bytes[1] = (byte)random.Next(6);
            parsed += GetVersionSupportResponse.TryParse(bytes, out _) ? 1 : 0;
            parsed += GetMessageTypeSupportResponse.TryParse(bytes, out _) ? 1 : 0;
            parsed += GetVendorDefinedSupportResponse.TryParse(bytes, out _) ? 1 : 0;
            parsed += RoutingInformationUpdateRequest.TryParse(bytes, out _) ? 1 : 0;
            parsed += GetRoutingTableEntriesResponse.TryParse(bytes, out _) ? 1 : 0;
            parsed += ResolveUuidResponse.TryParse(bytes, out _) ? 1 : 0;
            parsed += QuerySupportedInterfacesResponse.TryParse(bytes, out _) ? 1 : 0;
            parsed += TransportSpecificRequest.TryParse(bytes, out _) ? 1 : 0;
        }

        Assert.InRange(parsed, 1, 160_000);
    }

    private static void Same<T>(T message, string hex)
        where T : IControlData<T>
    {
        byte[] bytes = Bytes.FromHex(hex);

        Assert.Equal(hex, Emit(message));
        Assert.True(T.TryParse(bytes, out T parsed));
        Assert.Equal(message, parsed);
        Assert.False(T.TryParse(bytes.AsSpan(0, bytes.Length - 1), out T shorter) && shorter.Equals(message));
    }

    private static string Emit<T>(T message)
        where T : IControlData<T>
    {
        byte[] bytes = new byte[64];
        return Bytes.ToHex(bytes.AsSpan(0, message.Emit(bytes)));
    }

    private static string Emit(TransportSpecificRequest message)
    {
        byte[] bytes = new byte[64];
        return Bytes.ToHex(bytes.AsSpan(0, message.Emit(bytes)));
    }

    private static bool RoundTrip<T, TItem>(T message, Func<T, IReadOnlyList<TItem>> items)
        where T : IControlData<T>
    {
        byte[] bytes = new byte[256];
        int length = message.Emit(bytes);
        return T.TryParse(bytes.AsSpan(0, length), out T parsed) && items(parsed).SequenceEqual(items(message));
    }

    // What was understood is written and understood the same again.
    private static void Stable<T>(byte[] bytes)
        where T : IControlData<T>
    {
        if (!T.TryParse(bytes, out T first)) return;
        byte[] written = new byte[128];
        int length = first.Emit(written);
        Assert.True(T.TryParse(written.AsSpan(0, length), out T second));
        Assert.Equal(first, second);
    }
}
