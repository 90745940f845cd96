// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>What a bus owner above us tells: our EID, our pool, and the routes.</content>
internal sealed partial class ControlPlaneResponder
{
    private CompletionCode SetEndpointId(ControlRequest request, ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        int link = request.From.Link;
        LinkRole role = RoleOn(link);
        if (role == LinkRole.BusOwner) return CompletionCode.UnsupportedCommand;
        if (!SetEndpointIdRequest.TryParse(data, out SetEndpointIdRequest wanted)) return CompletionCode.InvalidLength;

        // Nobody has decided yet whether we may be assigned an EID here; the bus owner comes again.
        if (role == LinkRole.Unknown) return CompletionCode.NotReady;
        bool isRejected = false;
        switch (wanted.Operation)
        {
            case SetEndpointIdOperation.Set or SetEndpointIdOperation.Force:
                if (!wanted.Eid.IsAssignable) return CompletionCode.InvalidData;
                isRejected = _controller.Bridge.Rejects(request, wanted);
                if (isRejected) break;
                if (!_controller.Bridge.TryTakeEid(request, wanted.Eid, out bool isNew)) return CompletionCode.NotReady;
                if (isNew) _afterwards = () => _controller.Bridge.FollowAssignment(link);
                break;
            case SetEndpointIdOperation.Reset:
                return CompletionCode.InvalidData;
            default:
                if (!HasDiscovery(link)) return CompletionCode.InvalidData;
                _controller.Bridge.UpstreamOf(link).IsDiscovered = true;
                break;
        }

        EidPoolStatus pool = _controller.Bridge.PoolStatus(link, out int size);
        length = new SetEndpointIdResponse(isRejected, pool, EidOn(link), (byte)size).Emit(answer);
        return CompletionCode.Success;
    }

    private CompletionCode AllocateEndpointIds(ControlRequest request, ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        int link = request.From.Link;
        if (RoleOn(link) != LinkRole.Endpoint || !_controller.Bridge.IsBridge(link)) return CompletionCode.UnsupportedCommand;
        if (!AllocateEndpointIdsRequest.TryParse(data, out AllocateEndpointIdsRequest wanted)) return CompletionCode.InvalidLength;
        if ((byte)wanted.Operation > (byte)AllocateEndpointIdsOperation.GetInformation) return CompletionCode.InvalidData;
        CompletionCode code = _controller.Bridge.Allocate(request, wanted, out AllocateEndpointIdsResponse response, out bool changed);
        if (code != CompletionCode.Success) return code;
        if (changed) _afterwards = () => _controller.Bridge.FollowAllocation(link, wanted.Operation == AllocateEndpointIdsOperation.Force);
        length = response.Emit(answer);
        return CompletionCode.Success;
    }

    private CompletionCode UpdateRoutes(ControlRequest request, ReadOnlySpan<byte> data)
    {
        int link = request.From.Link;
        if (RoleOn(link) != LinkRole.Endpoint) return CompletionCode.UnsupportedCommand;
        if (!RoutingInformationUpdateRequest.TryParse(data, out RoutingInformationUpdateRequest update)) return CompletionCode.InvalidLength;
        switch (_controller.Bridge.Learn(request, update.Entries))
        {
            case RoutingUpdateOutcome.Taken:
                _afterwards = () => _controller.Bridge.FollowRoutes(link);
                return CompletionCode.Success;
            case RoutingUpdateOutcome.NotFromOwner:
                return CompletionCode.Error;
            default:
                return CompletionCode.InvalidData;
        }
    }
}
