// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>What each request is answered with, byte for byte, by our part on the link.</summary>
public sealed class ResponderTests : IDisposable
{
    private const byte Ours = 0x10;
    private const byte Theirs = 0x1D;
    private static readonly Guid s_uuid = new("00112233-4455-6677-8899-aabbccddeeff");

    private readonly World _world = new();

    [Theory]
    [InlineData("00 80 02", "00 00 02 00 08 12 00")]
    [InlineData("00 9f 02", "00 1f 02 00 08 12 00")]
    [InlineData("00 81 03", "00 01 03 00 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff")]
    [InlineData("00 82 04 ff", "00 02 04 00 04 f1 f0 ff 00 f1 f1 ff 00 f1 f2 ff 00 f1 f3 f1 00")]
    [InlineData("00 82 04 00", "00 02 04 00 04 f1 f0 ff 00 f1 f1 ff 00 f1 f2 ff 00 f1 f3 f1 00")]
    [InlineData("00 82 04 05", "00 02 04 80")]
    [InlineData("00 80 05", "00 00 05 00 01 00")]
    [InlineData("00 80 06 00", "00 00 06 02")]
    [InlineData("00 80 01 00 09", "00 00 01 05")]
    [InlineData("00 80 07 08", "00 00 07 00 08 10")]
    [InlineData("00 80 07 63", "00 00 07 01")]
    [InlineData("00 80 08 00 05 0a", "00 00 08 05")]
    [InlineData("00 80 09 00", "00 00 09 05")]
    [InlineData("00 80 0a 00", "00 00 0a 00 ff 01 01 08 a1 01 00 01 10")]
    [InlineData("00 80 0a 01", "00 00 0a 02")]
    [InlineData("00 80 0b", "00 00 0b 05")]
    [InlineData("00 80 0c", "00 00 0c 05")]
    [InlineData("00 80 0d", "00 00 0d 00")]
    [InlineData("00 80 0e", "00 00 0e 00 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff")]
    [InlineData("00 80 0f 08 00", "00 00 0f 00 00 00 00 00 00 00")]
    [InlineData("00 80 0f 00 00", "00 00 0f 02")]
    [InlineData("00 80 0f ff 00", "00 00 0f 02")]
    [InlineData("00 80 0f 63 00", "00 00 0f 02")]
    [InlineData("00 80 10 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00", "00 00 10 00 ff 01 08 01 00 01 10")]
    [InlineData("00 80 10 11 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00", "00 00 10 00 ff 00")]
    [InlineData("00 80 10 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 01", "00 00 10 02")]
    [InlineData("00 80 11", "00 00 11 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")]
    [InlineData("00 80 12 00 00 01 00 00 00 02", "00 00 12 02")]
    [InlineData("00 80 13 00 00 01 00 00 00 02", "00 00 13 05")]
    [InlineData("00 80 14", "00 00 14 00 01 01 08")]
    [InlineData("00 80 00", "00 00 00 05")]
    [InlineData("00 80 15", "00 00 15 05")]
    [InlineData("00 80 f0 07 00", "00 00 f0 05")]
    [InlineData("00 80 ff", "00 00 ff 05")]
    public void BusOwner_Asked_Answers(string request, string answer)
    {
        using var probe = new Probe(_world, LinkRole.BusOwner, own: 8);
        Assert.Equal(answer, probe.Ask(request));
    }

    [Theory]
    [InlineData("00 80 02", "00 00 02 00 00 02 00")]
    [InlineData("00 80 01 00 42", "00 00 01 00 00 42 00")]
    [InlineData("00 80 01 01 42", "00 00 01 00 00 42 00")]
    [InlineData("00 80 01 00 00", "00 00 01 02")]
    [InlineData("00 80 01 00 07", "00 00 01 02")]
    [InlineData("00 80 01 01 ff", "00 00 01 02")]
    [InlineData("00 80 01 02 42", "00 00 01 02")]
    [InlineData("00 80 01 03 42", "00 00 01 02")]
    [InlineData("00 80 08 00 05 0a", "00 00 08 05")]
    [InlineData("00 80 0a 00", "00 00 0a 05")]
    [InlineData("00 80 0b", "00 00 0b 05")]
    [InlineData("00 80 0c", "00 00 0c 05")]
    [InlineData("00 80 0d", "00 00 0d 05")]
    [InlineData("00 80 0e", "00 00 0e 05")]
    [InlineData("00 80 0f 08 00", "00 00 0f 05")]
    [InlineData("00 80 14", "00 00 14 00 01 01 00")]
    public void Endpoint_Asked_Answers(string request, string answer)
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);
        Assert.Equal(answer, probe.Ask(request));
    }

    [Theory]
    [InlineData("00 80 01 00 42", "00 00 01 04")]
    [InlineData("00 80 02", "00 00 02 00 00 02 00")]
    [InlineData("00 80 0d", "00 00 0d 05")]
    public void Undecided_Asked_Answers(string request, string answer)
    {
        using var probe = new Probe(_world, LinkRole.Unknown);
        Assert.Equal(answer, probe.Ask(request));
    }

    [Theory]
    [InlineData("00 80 01", "00 00 01 03")]
    [InlineData("00 80 01 00", "00 00 01 03")]
    [InlineData("00 80 04", "00 00 04 03")]
    [InlineData("00 80 06", "00 00 06 03")]
    [InlineData("00 80 07", "00 00 07 03")]
    [InlineData("00 80 09 02 00", "00 00 09 03")]
    [InlineData("00 80 10 00", "00 00 10 03")]
    [InlineData("00 80 12 00", "00 00 12 03")]
    public void Endpoint_TooShort_SaysSo(string request, string answer)
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);
        Assert.Equal(answer, probe.Ask(request));
    }

    [Theory]
    [InlineData("00 80 05 00", "00 00 05 00 01 00")]
    [InlineData("00 80 02 aa bb", "00 00 02 00 00 02 00")]
    [InlineData("00 80 01 00 42 99", "00 00 01 00 00 42 00")]
    [InlineData("00 80 04 00 00", "00 00 04 00 04 f1 f0 ff 00 f1 f1 ff 00 f1 f2 ff 00 f1 f3 f1 00")]
    [InlineData("00 80 0b 00", "00 00 0b 05")]
    public void Endpoint_BytesBehindTheRequest_AreLeftAlone(string request, string answer)
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);
        Assert.Equal(answer, probe.Ask(request));
    }

    [Theory]
    [InlineData(PhysicalBinding.PcieVdm, "00 80 0b", "00 00 0b 00")]
    [InlineData(PhysicalBinding.PcieVdm, "00 80 0c", "00 00 0c 00")]
    [InlineData(PhysicalBinding.PcieVdm, "00 80 01 03 00", "00 00 01 00 00 00 00")]
    [InlineData(PhysicalBinding.Smbus, "00 80 0b", "00 00 0b 05")]
    public void Discovery_ByBinding_IsAnswered(PhysicalBinding binding, string request, string answer)
    {
        using var probe = new Probe(_world, LinkRole.Endpoint, binding: binding);
        Assert.Equal(answer, probe.Ask(request));
    }

    [Fact]
    public void Discovery_OfOneDiscovered_IsSilentUntilPrepared()
    {
        using var probe = new Probe(_world, LinkRole.Endpoint, binding: PhysicalBinding.PcieVdm);
        Assert.Equal("00 00 01 00 00 42 00", probe.Ask("00 80 01 00 42"));

        Assert.Null(probe.Ask("00 80 0c", destination: 0xFF));
        Assert.Equal("00 00 0b 00", probe.Ask("00 80 0b", destination: 0xFF));
        Assert.Equal(0x42, probe.LastSource);
        Assert.Equal("00 00 0c 00", probe.Ask("00 80 0c", destination: 0xFF));
    }

    [Fact]
    public void Discovery_HeardByBusOwner_IsSilent()
    {
        using var probe = new Probe(_world, LinkRole.BusOwner, own: 8, binding: PhysicalBinding.PcieVdm);

        Assert.Null(probe.Ask("00 80 0b", destination: 0xFF));
        Assert.Null(probe.Ask("00 80 0c", destination: 0xFF));
    }

    [Theory]
    [InlineData("00 00 02")]
    [InlineData("00 40 02")]
    [InlineData("00 80")]
    [InlineData("00")]
    [InlineData("80 80 02")]
    public void Message_OfImpossibleClass_IsSilentAndCounted(string request)
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);

        Assert.Null(probe.Ask(request));

        Assert.Equal(1, probe.Node.Controller.ResponderStatistics.Malformed);
        Assert.Equal("00 00 02 00 00 02 00", probe.Ask("00 80 02"));
    }

    [Theory]
    [InlineData("00 80 01 00 42")]
    [InlineData("00 80 08 00 05 0a")]
    [InlineData("00 80 09 00")]
    public void Broadcast_OfACommandForOne_IsSilentAndCounted(string request)
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);

        Assert.Null(probe.Ask(request, destination: 0xFF));

        Assert.Equal(1, probe.Node.Controller.ResponderStatistics.Malformed);
        Assert.Empty(probe.Node.Host.Addresses());
    }

    [Fact]
    public void Datagram_SetEndpointId_IsCarriedOutSilently()
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);

        Assert.Null(probe.Ask("00 c0 01 00 42"));

        Assert.Equal(new Eid(0x42), Assert.Single(probe.Node.Host.Addresses()).Eid);
        Assert.Equal(1, probe.Node.Controller.ResponderStatistics.Silent);
    }

    [Fact]
    public void SetEndpointId_Answer_LeavesFromTheDestinationOfTheRequest()
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);

        probe.Ask("00 80 01 00 42");

        Assert.Equal(0, probe.LastSource);
        Assert.Equal(new Eid(0x42), Assert.Single(probe.Node.Host.Addresses()).Eid);
    }

    [Fact]
    public void SetEndpointId_Twice_TheSecondReplacesTheFirst()
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);

        Assert.Equal("00 00 01 00 00 42 00", probe.Ask("00 80 01 00 42"));
        Assert.Equal("00 01 01 00 00 66 00", probe.Ask("00 81 01 00 66", destination: 0x42));

        Assert.Equal(0x42, probe.LastSource);
        Assert.Equal(new Eid(0x66), Assert.Single(probe.Node.Host.Addresses()).Eid);
    }

    [Fact]
    public void SetEndpointId_TheSystemRefuses_NotReady()
    {
        using var probe = new Probe(_world, LinkRole.Endpoint);
        probe.Node.Host.Refusal = HostError.NotPermitted;

        Assert.Equal("00 00 01 04", probe.Ask("00 80 01 00 42"));
        Assert.Contains(probe.Node.Notes, note => note.Severity == NoteSeverity.Warning && note.Text.Contains("cannot be taken", StringComparison.Ordinal));
    }

    [Fact]
    public void Types_Registered_AreToldUntilTheirOwnerGoes()
    {
        using var probe = new Probe(_world, LinkRole.BusOwner, own: 8);
        object owner = new();
        TypeRegistry types = probe.Node.Controller.Types;
        types.RegisterType(owner, 5, [0xf1f2f3f4]);

        Assert.Equal("00 00 05 00 02 00 05", probe.Ask("00 80 05"));
        Assert.Equal("00 00 04 00 01 f4 f3 f2 f1", probe.Ask("00 80 04 05"));
        types.Unregister(owner);
        Assert.Equal("00 00 05 00 01 00", probe.Ask("00 80 05"));
        Assert.Equal("00 00 04 80", probe.Ask("00 80 04 05"));
    }

    [Fact]
    public void VendorSets_Registered_AreToldBySelector()
    {
        using var probe = new Probe(_world, LinkRole.BusOwner, own: 8);
        TypeRegistry types = probe.Node.Controller.Types;

        types.RegisterVendorSet(this, new VendorDefinedSet(VendorIdFormat.Pci, 0xABCD, 1));
        Assert.Equal("00 00 05 00 02 00 7e", probe.Ask("00 80 05"));
        Assert.Equal("00 00 06 00 ff 00 ab cd 00 01", probe.Ask("00 80 06 00"));
        Assert.Equal("00 00 06 02", probe.Ask("00 80 06 01"));

        types.Unregister(this);
        types.RegisterVendorSet(this, new VendorDefinedSet(VendorIdFormat.Iana, 0x1234ABCD, 0x5678));
        types.RegisterVendorSet(this, new VendorDefinedSet(VendorIdFormat.Iana, 0x1234ABCD, 0x5679));
        Assert.Equal("00 00 05 00 02 00 7f", probe.Ask("00 80 05"));
        Assert.Equal("00 00 06 00 01 01 12 34 ab cd 56 78", probe.Ask("00 80 06 00"));
    }

    [Fact]
    public void RoutingTable_Long_ComesInPages()
    {
        using var probe = new Probe(_world, LinkRole.BusOwner, own: 8);
        for (byte eid = 9; eid < 29; eid++) probe.Node.Controller.Endpoints.Add(new ManagedEndpoint(1, new Eid(eid), probe.Link, new PhysicalAddress([eid])));

        var seen = new List<byte>();
        byte handle = 0;
        int pages = 0;
        do
        {
            byte[] answer = probe.AskBytes([0x00, 0x80, 0x0A, handle])!;
            Assert.InRange(answer.Length, 6, 64);
            Assert.True(GetRoutingTableEntriesResponse.TryParse(answer.AsSpan(4), out GetRoutingTableEntriesResponse page));
            seen.AddRange(page.Entries.Select(entry => entry.First.Value));
            handle = page.NextHandle;
            pages++;
        }
        while (handle != GetRoutingTableEntriesResponse.Last);

        Assert.Equal(Enumerable.Range(8, 21).Select(eid => (byte)eid), seen);
        Assert.Equal(3, pages);
    }

    [Fact]
    public void Garbage_OfAnyKind_IsSurvived()
    {
        using var probe = new Probe(_world, LinkRole.Endpoint, binding: PhysicalBinding.PcieVdm);
        var random = new Random(42);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] body = new byte[random.Next(1, 64)];
            random.NextBytes(body);
            body[0] = (byte)(random.Next(8) == 0 ? 0x80 : 0);
            if (body.Length > 2 && random.Next(4) != 0) (body[1], body[2]) = ((byte)(0x80 | (body[1] & 0x5F)), (byte)(body[2] % 0x18));
            if (probe.AskBytes(body, random.Next(4) == 0 ? (byte)0xFF : (byte)0) is { } answer) Assert.InRange(answer.Length, 4, 64);
        }

        ResponderStatistics statistics = probe.Node.Controller.ResponderStatistics;
        Assert.Equal(statistics.Received, statistics.Answered + statistics.Refused + statistics.Silent + statistics.Malformed + statistics.Lost);
        Assert.Equal(20_000, statistics.Received);
    }

    public void Dispose() => _world.Dispose();

    /// <summary>A system under question, and somebody on its bus who sends single packets.</summary>
    private sealed class Probe : IDisposable
    {
        private readonly World _world;
        private readonly MctpStack _stack = new();
        private readonly SimulatedLink _station;
        private readonly MctpSocketCore _raw;
        private readonly byte[] _buffer = new byte[256];

        public Probe(World world, LinkRole role, byte own = 0, PhysicalBinding binding = PhysicalBinding.Smbus)
        {
            _world = world;
            SimulatedMedium medium = world.AddMedium("bus", binding);
            Node = world.AddNode("node");
            Node.Uuid = s_uuid;
            Link = Node.Connect(medium, Ours, role, own).Index;
            Node.Start(options => options with { AutoDiscover = false });
            _station = new SimulatedLink("probe", medium, new PhysicalAddress([Theirs]));
            _stack.AddLink(_station);
            _raw = _stack.OpenSocket(MctpSocketKind.Raw);
            _stack.Bind(_raw, new MctpEndPoint(Eid.Any, MessageType.Control));
        }

        public WorldNode Node { get; }

        public int Link { get; }

        public byte LastSource { get; private set; }

        public string? Ask(string request, byte destination = 0) =>
            AskBytes(Convert.FromHexString(request.Replace(" ", "", StringComparison.Ordinal)), destination) is { } answer
                ? string.Join(' ', answer.Select(octet => $"{octet:x2}"))
                : null;

        public byte[]? AskBytes(byte[] body, byte destination = 0)
        {
            byte[] packet = [0x01, destination, 0x63, 0xCA, .. body];
            PhysicalAddress to = destination == 0xFF ? default : new PhysicalAddress([Ours]);
            Assert.Equal(SendStatus.Ok, _stack.SendRaw(_raw, _station.Index, packet, to));
            byte[]? answer = null;
            for (int turn = 0; turn < 2; turn++)
            {
                _world.Run(1);
                _stack.Poll(_world.Time.Now, 16);
                while (_stack.TryReceive(_raw, _buffer, out MctpReceiveResult result))
                {
                    // Only what answers tag 2 concerns the request; the system may ask questions of its own meanwhile.
                    if (_buffer[3] != 0xC2 || _buffer[1] != 0x63) continue;
                    LastSource = _buffer[2];
                    answer = _buffer.AsSpan(MctpHeader.Size, result.Length - MctpHeader.Size).ToArray();
                }
            }

            return answer;
        }

        public void Dispose() => Node.Dispose();
    }
}
