// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;

namespace Busbar.Node;

/// <summary>Why a request was refused.</summary>
internal sealed record AdministrationFailure
{
    public const string OfHost = "host";
    public const string OfControl = "control";
    public const string OfRequest = "request";

    /// <summary>Who refuses: the configuration, the control plane, or the lane itself (the request cannot be understood).</summary>
    public required string Source { get; init; }

    /// <summary>Name of the <see cref="HostError"/> or <see cref="ControlPlaneError"/>.</summary>
    public required string Code { get; init; }

    public required string Message { get; init; }

    public static AdministrationFailure Of(Exception failure) => failure switch
    {
        HostException host => new() { Source = OfHost, Code = host.Error.ToString(), Message = host.Message },
        ControlPlaneException control => new() { Source = OfControl, Code = control.Error.ToString(), Message = control.Message },
        _ => new() { Source = OfRequest, Code = nameof(HostError.Invalid), Message = failure.Message },
    };

    public Exception ToException() => Source switch
    {
        OfHost => new HostException(Enum.TryParse(Code, out HostError host) ? host : HostError.Failed, Message),
        OfControl => new ControlPlaneException(Enum.TryParse(Code, out ControlPlaneError control) ? control : ControlPlaneError.HostRefused, Message),
        _ => new MctpException(MctpError.PeerError, $"the daemon does not understand the request: {Message}"),
    };
}
