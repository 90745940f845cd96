// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What became of the control requests of others.</summary>
public sealed class ResponderStatistics
{
    /// <summary>Messages that came as control requests, good and bad.</summary>
    public long Received { get; internal set; }

    /// <summary>Answers with the code "success".</summary>
    public long Answered { get; internal set; }

    /// <summary>Answers with another code, "unsupported command" included.</summary>
    public long Refused { get; internal set; }

    /// <summary>Messages that were carried out and want no answer: datagrams, and discovery of an endpoint that was discovered before.</summary>
    public long Silent { get; internal set; }

    /// <summary>Messages with a combination of TO, Rq, D and destination that is not allowed, or too short for a header; nobody answers those.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Answers that the system below could not send.</summary>
    public long Lost { get; internal set; }
}
