// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>Who we are: EID, UUID, versions, types, interfaces, limits, and discovery.</content>
internal sealed partial class ControlPlaneResponder
{
    private const CompletionCode TypeNotSupported = CompletionCode.CommandSpecific;
    private const int MostListedInterfaces = (ControlHeader.LargestMessage - ControlHeader.ResponseSize - 1) / 2;

    // What a message may be long at most; the buffers behind it are shared by all senders.
    private const uint ReceiveBuffer = 65_536;

    // What mctpd says, to the byte: 1.0, 1.1, 1.2 and 1.3.1.
    private static readonly MctpVersion[] s_baseVersions = [new(1, 0), new(1, 1), new(1, 2), new(1, 3, 1)];

    private CompletionCode? ExecuteWithoutData(in ControlRequest request, ControlCommand command, Span<byte> answer, ref int length)
    {
        switch (command)
        {
            case ControlCommand.GetEndpointId:
                length = new GetEndpointIdResponse(EidFor(request), KindOn(request.From.Link), EidKind.StaticInForce, 0).Emit(answer);
                return CompletionCode.Success;
            case ControlCommand.GetEndpointUuid:
                length = new GetEndpointUuidResponse(_controller.Options.Uuid).Emit(answer);
                return CompletionCode.Success;
            case ControlCommand.GetMessageTypeSupport:
                length = new GetMessageTypeSupportResponse(_controller.Types.MessageTypes).Emit(answer);
                return CompletionCode.Success;
            case ControlCommand.QueryRateLimit:
                length = new QueryRateLimitResponse(ReceiveBuffer, 0, 0, 0, 0, 0, 0, 0).Emit(answer);
                return CompletionCode.Success;
            case ControlCommand.QuerySupportedInterfaces:
                length = ListInterfaces(answer);
                return CompletionCode.Success;
            case ControlCommand.GetNetworkId:
                return GetNetworkId(request, answer, ref length);
            default:
                return Discover(request, command);
        }
    }

    private CompletionCode? Discover(ControlRequest request, ControlCommand command)
    {
        LinkRole role = RoleOn(request.From.Link);
        if (command == ControlCommand.DiscoveryNotify)
        {
            if (role != LinkRole.BusOwner) return CompletionCode.UnsupportedCommand;
            _afterwards = () => DiscoveryNotified?.Invoke(request);
            return CompletionCode.Success;
        }

        // A bus owner hears its own broadcasts on some media, and other bus owners': neither concerns it.
        if (!HasDiscovery(request.From.Link)) return CompletionCode.UnsupportedCommand;
        if (role == LinkRole.BusOwner) return null;
        UpstreamLink upstream = _controller.Bridge.UpstreamOf(request.From.Link);
        if (command == ControlCommand.EndpointDiscovery) return upstream.IsDiscovered ? null : CompletionCode.Success;
        upstream.IsDiscovered = false;
        return CompletionCode.Success;
    }

    private CompletionCode GetNetworkId(in ControlRequest request, Span<byte> answer, ref int length)
    {
        int link = request.From.Link;
        Guid? known = _controller.Options.NetworkId;
        if (known is null && RoleOn(link) == LinkRole.BusOwner) known = _controller.Bridge.NetworkIdOf(link) ?? _controller.Options.Uuid;
        if (known is not { } network) return CompletionCode.UnsupportedCommand;
        length = new GetNetworkIdResponse(network).Emit(answer);
        return CompletionCode.Success;
    }

    private CompletionCode GetVersions(ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        if (!GetVersionSupportRequest.TryParse(data, out GetVersionSupportRequest wanted)) return CompletionCode.InvalidLength;
        bool isBase = wanted.Type is GetVersionSupportRequest.BaseSpecification or 0;
        IReadOnlyList<MctpVersion>? versions = isBase ? s_baseVersions : _controller.Types.Versions(new MessageType(wanted.Type));
        if (versions is null) return TypeNotSupported;
        length = new GetVersionSupportResponse(versions).Emit(answer);
        return CompletionCode.Success;
    }

    private CompletionCode GetVendorSet(ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        if (!GetVendorDefinedSupportRequest.TryParse(data, out GetVendorDefinedSupportRequest wanted)) return CompletionCode.InvalidLength;
        IReadOnlyList<VendorDefinedSet> sets = _controller.Types.VendorSets;
        if (wanted.Selector >= sets.Count) return CompletionCode.InvalidData;
        byte next = wanted.Selector + 1 < sets.Count ? (byte)(wanted.Selector + 1) : GetVendorDefinedSupportResponse.Last;
        length = new GetVendorDefinedSupportResponse(next, sets[wanted.Selector]).Emit(answer);
        return CompletionCode.Success;
    }

    // The transport binding identifiers serve as interface types.
    private int ListInterfaces(Span<byte> answer)
    {
        InterfaceDescription[] interfaces =
        [
            .. _controller.Links.All.Take(MostListedInterfaces).Select(link => new InterfaceDescription((byte)link.Host.Binding, EidOn(link.Host.Index))),
        ];
        return new QuerySupportedInterfacesResponse(interfaces).Emit(answer);
    }

    private LinkRole RoleOn(int link) => _controller.Links.Find(link)?.Role ?? LinkRole.Unknown;

    private bool HasDiscovery(int link) => _controller.Links.Find(link) is { } found && BridgeRole.HasDiscovery(found.Host);

    private EndpointKind KindOn(int link) =>
        RoleOn(link) == LinkRole.BusOwner || _controller.Bridge.IsBridge(link) ? EndpointKind.BusOwnerOrBridge : EndpointKind.Simple;

    // Whoever asks one of our EIDs from afar wants to know about that one; on the bus itself it is the one that we have there.
    private Eid EidFor(in ControlRequest request)
    {
        Eid asked = request.Destination;
        HostLink? link = _controller.Links.Find(request.From.Link)?.Host;
        return link is not null && asked.IsAssignable && _controller.Bridge.Holds(link.Network, asked) ? asked : EidOn(request.From.Link);
    }

    private Eid EidOn(int link) => _controller.Bridge.EidOn(link);
}
