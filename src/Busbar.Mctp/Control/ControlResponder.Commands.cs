// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <content>What each command does. A null completion code means silence, which only the discovery commands ask for.</content>
public sealed partial class ControlResponder
{
    // What fits a control message of one baseline packet behind the count.
    private const int MostListedTypes = ControlHeader.LargestMessage - ControlHeader.ResponseSize - 2;
    private const int MostListedVersions = (ControlHeader.LargestMessage - ControlHeader.ResponseSize - 1) / MctpVersion.Size;
    private const int MostListedInterfaces = (ControlHeader.LargestMessage - ControlHeader.ResponseSize - 1) / 2;

    private const CompletionCode TypeNotSupported = CompletionCode.CommandSpecific;

    private CompletionCode? Execute(
        MctpStack stack, in MctpMessage message, ControlCommand command, ReadOnlySpan<byte> request, Span<byte> answer, ref int length, long now)
    {
        switch (command)
        {
            case ControlCommand.SetEndpointId:
                return SetEndpointId(stack, message, request, answer, ref length, now);
            case ControlCommand.GetVersionSupport:
                return GetVersions(request, answer, ref length);
            case ControlCommand.GetVendorDefinedSupport:
                return GetVendorSet(request, answer, ref length);
            case ControlCommand.RequestTxRateLimit:
                return RequestTxRateLimitRequest.TryParse(request, out _) ? CompletionCode.InvalidData : CompletionCode.InvalidLength;
            case ControlCommand.GetEndpointId or ControlCommand.GetEndpointUuid or ControlCommand.GetMessageTypeSupport
                or ControlCommand.GetNetworkId or ControlCommand.QueryRateLimit or ControlCommand.QuerySupportedInterfaces
                or ControlCommand.PrepareForEndpointDiscovery or ControlCommand.EndpointDiscovery or ControlCommand.DiscoveryNotify:
                return request.Length == 0 ? ExecuteWithoutData(stack, message, command, answer, ref length, now) : CompletionCode.InvalidLength;
            default:
                return CompletionCode.UnsupportedCommand;
        }
    }

    private CompletionCode? ExecuteWithoutData(
        MctpStack stack, in MctpMessage message, ControlCommand command, Span<byte> answer, ref int length, long now)
    {
        switch (command)
        {
            case ControlCommand.GetEndpointId:
                Eid eid = stack.SourceAddress(message.Link);
                length = new GetEndpointIdResponse(eid, EndpointKind.Simple, KindOf(eid), _options.MediumSpecific).Emit(answer);
                return CompletionCode.Success;
            case ControlCommand.GetEndpointUuid:
                length = new GetEndpointUuidResponse(_options.Uuid).Emit(answer);
                return CompletionCode.Success;
            case ControlCommand.GetMessageTypeSupport:
                length = ListTypes(answer);
                return CompletionCode.Success;
            case ControlCommand.GetNetworkId when _options.NetworkId is { } network:
                length = new GetNetworkIdResponse(network).Emit(answer);
                return CompletionCode.Success;
            case ControlCommand.QueryRateLimit:
                length = new QueryRateLimitResponse((uint)stack.Options.SocketQueueBytes, 0, 0, 0, 0, 0, 0, 0).Emit(answer);
                return CompletionCode.Success;
            case ControlCommand.QuerySupportedInterfaces:
                length = ListInterfaces(stack, answer);
                return CompletionCode.Success;
            case ControlCommand.DiscoveryNotify:
                DiscoveryNotified?.Invoke(message.From, now);
                return CompletionCode.Success;
            case ControlCommand.PrepareForEndpointDiscovery when _options.SupportsDiscovery:
                StateOf(message.Link).IsDiscovered = false;
                return CompletionCode.Success;
            case ControlCommand.EndpointDiscovery when _options.SupportsDiscovery:
                return IsDiscovered(message.Link) ? null : CompletionCode.Success;
            default:
                return CompletionCode.UnsupportedCommand;
        }
    }

    private CompletionCode SetEndpointId(
        MctpStack stack, in MctpMessage message, ReadOnlySpan<byte> request, Span<byte> answer, ref int length, long now)
    {
        if (!SetEndpointIdRequest.TryParse(request, out SetEndpointIdRequest wanted)) return CompletionCode.InvalidLength;
        LinkState state = StateOf(message.Link);
        switch (wanted.Operation)
        {
            case SetEndpointIdOperation.Set or SetEndpointIdOperation.Force:
                if (!wanted.Eid.IsAssignable) return CompletionCode.InvalidData;
                Assign(stack, message, state, wanted.Eid, now);
                break;
            case SetEndpointIdOperation.Reset:
                if (_options.StaticEid == Eid.Null) return CompletionCode.InvalidData;
                Assign(stack, message, state, _options.StaticEid, now);
                break;
            default:
                if (!_options.SupportsDiscovery) return CompletionCode.InvalidData;
                state.IsDiscovered = true;
                break;
        }

        length = new SetEndpointIdResponse(IsRejected: false, EidPoolStatus.None, stack.SourceAddress(message.Link), 0).Emit(answer);
        return CompletionCode.Success;
    }

    private void Assign(MctpStack stack, in MctpMessage message, LinkState state, Eid eid, long now)
    {
        Eid previous = stack.SourceAddress(message.Link);
        stack.SetAddress(message.Link, eid);
        state.IsDiscovered = true;
        state.BusOwner = message.From;
        EidAssigned?.Invoke(new EidAssignment(message.Link, previous, eid, message.From, now));
    }

    private EidKind KindOf(Eid eid)
    {
        if (_options.StaticEid == Eid.Null) return EidKind.Dynamic;
        return eid == _options.StaticEid ? EidKind.StaticInForce : EidKind.StaticOverridden;
    }

    private CompletionCode GetVersions(ReadOnlySpan<byte> request, Span<byte> answer, ref int length)
    {
        if (!GetVersionSupportRequest.TryParse(request, out GetVersionSupportRequest wanted)) return CompletionCode.InvalidLength;
        var type = new MessageType(wanted.Type);
        bool isBase = wanted.Type == GetVersionSupportRequest.BaseSpecification || type == MessageType.Control;
        if (!_options.TypeVersions.TryGetValue(type, out IReadOnlyList<MctpVersion>? versions))
        {
            if (!isBase) return TypeNotSupported;
            versions = ControlResponderOptions.BaseVersions;
        }

        length = new GetVersionSupportResponse(versions).Emit(answer);
        return CompletionCode.Success;
    }

    private CompletionCode GetVendorSet(ReadOnlySpan<byte> request, Span<byte> answer, ref int length)
    {
        if (!GetVendorDefinedSupportRequest.TryParse(request, out GetVendorDefinedSupportRequest wanted)) return CompletionCode.InvalidLength;
        IReadOnlyList<VendorDefinedSet> sets = _options.VendorSets;
        if (wanted.Selector >= sets.Count) return CompletionCode.InvalidData;
        byte next = wanted.Selector + 1 < sets.Count ? (byte)(wanted.Selector + 1) : GetVendorDefinedSupportResponse.Last;
        length = new GetVendorDefinedSupportResponse(next, sets[wanted.Selector]).Emit(answer);
        return CompletionCode.Success;
    }

    private int ListTypes(Span<byte> answer)
    {
        int at = 1;
        if (_options.ListsControlType && !_options.MessageTypes.Contains(MessageType.Control)) answer[at++] = MessageType.Control.Raw;
        foreach (MessageType type in _options.MessageTypes)
        {
            if (type != MessageType.Control || _options.ListsControlType) answer[at++] = type.Raw;
        }

        answer[0] = (byte)(at - 1);
        return at;
    }

    // The transport binding identifiers serve as interface types.
    private static int ListInterfaces(MctpStack stack, Span<byte> answer)
    {
        int count = 0;
        foreach (MctpLink link in stack.Links)
        {
            if (count == MostListedInterfaces) break;
            answer[1 + (2 * count)] = (byte)link.Binding;
            answer[2 + (2 * count)] = stack.SourceAddress(link).Value;
            count++;
        }

        answer[0] = (byte)count;
        return 1 + (2 * count);
    }
}
