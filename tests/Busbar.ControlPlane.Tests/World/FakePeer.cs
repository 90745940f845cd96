// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>Somebody on a link of a <see cref="FakeHost"/>. It behaves well until a test overrides an answer.</summary>
internal sealed class FakePeer
{
    private readonly List<(ControlCommand Command, byte[] Body)> _requests = [];

    public FakePeer(int link, params byte[] address)
    {
        Link = link;
        Address = new PhysicalAddress(address);
        Uuid = new Guid(0x10000000 + link, 1, 2, [3, 4, 5, 6, 7, 8, 9, address.Length == 0 ? (byte)0 : address[0]]);
    }

    /// <summary>Takes a request and answers it; null for silence. Gets what the peer would have answered.</summary>
    public delegate byte[]? Override(byte[] request, byte[]? usual);

    public int Link { get; set; }

    public PhysicalAddress Address { get; set; }

    public Eid Eid { get; set; }

    public Guid? Uuid { get; set; }

    public List<MessageType> Types { get; set; } = [MessageType.Control, MessageType.Pldm];

    public List<VendorDefinedSet> VendorSets { get; } = [];

    /// <summary>Those behind it; they get EIDs of its pool in this order.</summary>
    public List<FakePeer> Behind { get; } = [];

    /// <summary>The pool that it was given.</summary>
    public EidPool? Pool { get; set; }

    /// <summary>Its routing table; null for a peer that does not support the command.</summary>
    public List<RoutingTableEntry>? RoutingTable { get; set; }

    /// <summary>Other answers than the usual ones, by command.</summary>
    public Dictionary<ControlCommand, Override> Overrides { get; } = [];

    /// <summary>False for one that was unplugged.</summary>
    public bool IsPresent { get; set; } = true;

    /// <summary>Answers to how many requests of a command get lost.</summary>
    public Dictionary<ControlCommand, int> Losses { get; } = [];

    /// <summary>How long its answers take.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Requests that it works on.</summary>
    public int OpenRequests { get; set; }

    /// <summary>All requests that reached it.</summary>
    public IReadOnlyList<(ControlCommand Command, byte[] Body)> Requests => _requests;

    /// <summary>How many requests of a command reached it.</summary>
    public int CountOf(ControlCommand command) => _requests.Count(request => request.Command == command);

    /// <summary>Adds endpoints behind it.</summary>
    public FakePeer WithBehind(int count)
    {
        for (int i = 0; i < count; i++)
        {
            byte number = (byte)(i + 1);
            Behind.Add(new FakePeer(Link) { Uuid = new Guid(0x20000000, 1, 2, [3, 4, 5, 6, 7, 8, Uuid!.Value.ToByteArray()[15], number]) });
        }

        return this;
    }

    /// <summary>Answers with a completion code alone.</summary>
    public void Refuse(ControlCommand command, CompletionCode code) => Overrides[command] = (request, _) => Answer(request, code);

    /// <summary>Never answers a command.</summary>
    public void Ignore(ControlCommand command) => Overrides[command] = static (_, _) => null;

    /// <summary>Builds an answer.</summary>
    public static byte[] Answer(byte[] request, CompletionCode code, params byte[] data) => [(byte)(request[0] & 0x1F), request[1], (byte)code, .. data];

    /// <summary>Forgets EID and pool, as a reset does.</summary>
    public void Reset()
    {
        Eid = Eid.Null;
        Pool = null;
    }

    /// <summary>Takes a request that was addressed to it.</summary>
    public byte[]? Handle(byte[] request)
    {
        var command = (ControlCommand)request[1];
        _requests.Add((command, request));
        if (Losses.TryGetValue(command, out int losses) && losses > 0)
        {
            Losses[command] = losses - 1;
            return null;
        }

        byte[]? usual = Overrides.TryGetValue(command, out Override? other) ? other(request, null) : Usual(command, request);
        return usual;
    }

    /// <summary>What a peer that behaves well answers.</summary>
    public byte[]? Usual(ControlCommand command, byte[] request)
    {
        byte[] data = request[2..];
        return command switch
        {
            ControlCommand.SetEndpointId => SetEid(request, new Eid(data[1])),
            ControlCommand.GetEndpointId => Emit(
                request, new GetEndpointIdResponse(Eid, Behind.Count == 0 ? EndpointKind.Simple : EndpointKind.BusOwnerOrBridge, EidKind.Dynamic, 0)),
            ControlCommand.GetEndpointUuid when Uuid is { } uuid => Emit(request, new GetEndpointUuidResponse(uuid)),
            ControlCommand.GetMessageTypeSupport => Emit(request, new GetMessageTypeSupportResponse(Types)),
            ControlCommand.GetVendorDefinedSupport when data[0] < VendorSets.Count => Emit(
                request, new GetVendorDefinedSupportResponse(data[0] + 1 == VendorSets.Count ? (byte)0xFF : (byte)(data[0] + 1), VendorSets[data[0]])),
            ControlCommand.AllocateEndpointIds => Allocate(request, data[1], new Eid(data[2])),
            ControlCommand.GetRoutingTableEntries when RoutingTable is not null => Table(request, data[0]),
            ControlCommand.RoutingInformationUpdate when Behind.Count != 0 => Answer(request, CompletionCode.Success),
            ControlCommand.PrepareForEndpointDiscovery => Answer(request, CompletionCode.Success),
            ControlCommand.EndpointDiscovery => Answer(request, CompletionCode.Success),
            _ => Answer(request, CompletionCode.UnsupportedCommand),
        };
    }

    private static byte[] Emit<T>(byte[] request, T value)
        where T : struct, IControlData<T>
    {
        byte[] data = new byte[512];
        return Answer(request, CompletionCode.Success, data[..value.Emit(data)]);
    }

    private byte[] SetEid(byte[] request, Eid eid)
    {
        Eid = eid;
        EidPoolStatus pool = Behind.Count == 0 ? EidPoolStatus.None : EidPoolStatus.Needed;
        return Emit(request, new SetEndpointIdResponse(IsRejected: false, pool, eid, (byte)Behind.Count));
    }

    private byte[] Allocate(byte[] request, byte count, Eid first)
    {
        if (Behind.Count == 0) return Answer(request, CompletionCode.UnsupportedCommand);
        bool rejected = Pool is not null;
        Pool ??= new EidPool(first, count);
        for (int i = 0; i < Math.Min(Pool.Value.Count, Behind.Count); i++) Behind[i].Eid = new Eid((byte)(Pool.Value.First.Value + i));
        return Emit(request, new AllocateEndpointIdsResponse(rejected, (byte)Pool.Value.Count, Pool.Value.First));
    }

    private byte[] Table(byte[] request, byte handle)
    {
        const int PerAnswer = 2;
        RoutingTableEntry[] part = [.. RoutingTable!.Skip(handle * PerAnswer).Take(PerAnswer)];
        byte next = (handle + 1) * PerAnswer < RoutingTable!.Count ? (byte)(handle + 1) : (byte)0xFF;
        return Emit(request, new GetRoutingTableEntriesResponse(next, part));
    }
}
