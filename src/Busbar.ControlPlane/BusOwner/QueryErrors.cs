// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Says in mctpd's words why a query has no usable answer.</summary>
internal static class QueryErrors
{
    public static ControlPlaneException For(in ControlAnswer answer) => answer.Outcome switch
    {
        ControlOutcome.TimedOut => new(ControlPlaneError.NoAnswer, "MCTP Endpoint did not respond"),
        ControlOutcome.Answered when answer.Code == CompletionCode.NotReady => new(ControlPlaneError.BadAnswer, "MCTP Endpoint busy"),
        ControlOutcome.Answered when answer.Code == CompletionCode.UnsupportedCommand => new(ControlPlaneError.BadAnswer, "Endpoint replied 'unsupported'"),
        ControlOutcome.Answered when answer.Code != CompletionCode.Success => new(ControlPlaneError.BadAnswer, "MCTP Endpoint replied with failure"),
        ControlOutcome.NotSent or ControlOutcome.Cancelled => new(ControlPlaneError.NoAnswer, "Request failed"),
        _ => new(ControlPlaneError.BadAnswer, "Request failed"),
    };

    /// <summary>The value of an answer.</summary>
    /// <exception cref="ControlPlaneException">There is none.</exception>
    public static T Require<T>(in TypedAnswer<T> answer)
        where T : struct, IControlData<T> => answer.Value ?? throw For(answer.Answer);
}
