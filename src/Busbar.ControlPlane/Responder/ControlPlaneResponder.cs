// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// Answers the control requests of others (DSP0236, control protocol) for all links of a controller, as bus owner, bridge or endpoint by our part on the link
/// that a request came in by. What mctpd answers is answered byte for byte like it; what it leaves out is answered as the standard says.
/// </summary>
/// <remarks>
/// An answer leaves before any work that takes time begins. Nothing here waits, and nothing that a peer sends makes it keep more than a link's worth of state.
/// </remarks>
internal sealed partial class ControlPlaneResponder : IDisposable
{
    private readonly NetworkController _controller;
    private readonly byte[] _answer = new byte[ControlHeader.LargestMessage];

    // What the request in progress sets off; runs when its answer is on the way.
    private Action? _afterwards;

    public ControlPlaneResponder(NetworkController controller) => _controller = controller;

    /// <summary>An endpoint announced itself on a bus that we own.</summary>
    public event Action<ControlRequest>? DiscoveryNotified;

    private ResponderStatistics Statistics => _controller.ResponderStatistics;

    public void Start() => _controller.Host.RequestArrived += Handle;

    public void Dispose() => _controller.Host.RequestArrived -= Handle;

    private static bool IsForOneOnly(ControlCommand command) =>
        command is ControlCommand.SetEndpointId or ControlCommand.AllocateEndpointIds or ControlCommand.RoutingInformationUpdate;

    // How long a request's data is; null where that varies. Bytes behind it are left alone, as mctpd does: there are requesters that send some.
    private static int? LengthOf(ControlCommand command) => command switch
    {
        ControlCommand.RoutingInformationUpdate => null,
        ControlCommand.SetEndpointId or ControlCommand.QueryHop => 2,
        ControlCommand.AllocateEndpointIds => 3,
        ControlCommand.RequestTxRateLimit => 7,
        ControlCommand.ResolveUuid => 17,
        ControlCommand.GetVersionSupport or ControlCommand.GetVendorDefinedSupport or ControlCommand.ResolveEndpointId or ControlCommand.GetRoutingTableEntries => 1,
        _ => 0,
    };

    // A peer's request, with everything of it untrusted. The host has seen to it that the tag owner bit is set.
    private void Handle(in ControlRequest request, ReadOnlySpan<byte> body)
    {
        Statistics.Received++;

        // Combinations that the table of control message classes does not have are not answered at all.
        if (!ControlHeader.TryParse(body, out ControlHeader header) || !header.IsRequest || request.From.Type.HasIntegrityCheck
            || (request.Destination == Eid.Broadcast && IsForOneOnly(header.Command)))
        {
            Statistics.Malformed++;
            return;
        }

        int length = 0;
        _afterwards = null;
        ReadOnlySpan<byte> data = body[ControlHeader.Size..];
        if (LengthOf(header.Command) is { } expected && data.Length > expected) data = data[..expected];
        CompletionCode? code = Execute(request, header.Command, data, _answer.AsSpan(ControlHeader.ResponseSize), ref length);
        Action? afterwards = _afterwards;
        if (code is null || header.IsDatagram) Statistics.Silent++;
        else Answer(request, header, code.Value, length);
        afterwards?.Invoke();
    }

    // Nothing follows a completion code other than success: the length is 0 then.
    private void Answer(in ControlRequest request, ControlHeader header, CompletionCode code, int length)
    {
        header.ToResponse().Emit(_answer);
        _answer[ControlHeader.Size] = (byte)code;
        if (!_controller.Host.Reply(request, _answer.AsSpan(0, ControlHeader.ResponseSize + length))) Statistics.Lost++;
        else if (code == CompletionCode.Success) Statistics.Answered++;
        else Statistics.Refused++;
    }

    private CompletionCode? Execute(in ControlRequest request, ControlCommand command, ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        switch (command)
        {
            case ControlCommand.SetEndpointId:
                return SetEndpointId(request, data, answer, ref length);
            case ControlCommand.GetVersionSupport:
                return GetVersions(data, answer, ref length);
            case ControlCommand.GetVendorDefinedSupport:
                return GetVendorSet(data, answer, ref length);
            case ControlCommand.ResolveEndpointId:
                return ResolveEndpointId(request, data, answer, ref length);
            case ControlCommand.AllocateEndpointIds:
                return AllocateEndpointIds(request, data, answer, ref length);
            case ControlCommand.RoutingInformationUpdate:
                return UpdateRoutes(request, data);
            case ControlCommand.GetRoutingTableEntries:
                return GetRoutingTable(request, data, answer, ref length);
            case ControlCommand.QueryHop:
                return QueryHop(request, data, answer, ref length);
            case ControlCommand.ResolveUuid:
                return ResolveUuid(data, answer, ref length);
            case ControlCommand.RequestTxRateLimit:
                return RequestTxRateLimitRequest.TryParse(data, out _) ? CompletionCode.InvalidData : CompletionCode.InvalidLength;
            case ControlCommand.GetEndpointId or ControlCommand.GetEndpointUuid or ControlCommand.GetMessageTypeSupport
                or ControlCommand.GetNetworkId or ControlCommand.QueryRateLimit or ControlCommand.QuerySupportedInterfaces
                or ControlCommand.PrepareForEndpointDiscovery or ControlCommand.EndpointDiscovery or ControlCommand.DiscoveryNotify:
                return ExecuteWithoutData(request, command, answer, ref length);
            default:
                return CompletionCode.UnsupportedCommand;
        }
    }
}
