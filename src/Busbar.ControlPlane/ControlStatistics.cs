// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What the control plane did and met since it was created. Counters only grow.</summary>
public sealed class ControlStatistics
{
    /// <summary>Queries that were begun.</summary>
    public long Queries { get; internal set; }

    /// <summary>Tries beyond the first.</summary>
    public long Retries { get; internal set; }

    /// <summary>Queries that nobody answered.</summary>
    public long TimeOuts { get; internal set; }

    /// <summary>Answers whose instance ID, command, sender or length did not fit; each is ignored.</summary>
    public long BadAnswers { get; internal set; }

    /// <summary>Answers that said "not ready".</summary>
    public long NotReadyAnswers { get; internal set; }

    /// <summary>Tries that the system below could not send.</summary>
    public long SendFailures { get; internal set; }

    /// <summary>Endpoints that were set up: given an EID, or taken with the one that they had.</summary>
    public long Assignments { get; internal set; }

    /// <summary>Endpoints that claimed an EID of somebody else's, or another than they were given.</summary>
    public long Conflicts { get; internal set; }

    /// <summary>Pools that bridges took.</summary>
    public long Pools { get; internal set; }

    /// <summary>Pools that bridges did not take as they were given.</summary>
    public long PoolsRefused { get; internal set; }

    /// <summary>Recoveries that were begun.</summary>
    public long Recoveries { get; internal set; }

    /// <summary>Endpoints that were removed because they did not answer any more.</summary>
    public long EndpointsLost { get; internal set; }

    /// <summary>Endpoints that turned out to be another device at the same place.</summary>
    public long EndpointsExchanged { get; internal set; }

    /// <summary>Questions behind bridges whether somebody is (still) there.</summary>
    public long Polls { get; internal set; }

    /// <summary>Routing Information Updates that bridges took.</summary>
    public long RoutingUpdates { get; internal set; }

    /// <summary>Routing Information Updates that bridges did not take.</summary>
    public long RoutingUpdatesRefused { get; internal set; }

    /// <summary>What bridges said that cannot be true: tables without end, EIDs that nobody was given, pools that overlap. Each is left out.</summary>
    public long BridgeLies { get; internal set; }

    /// <summary>Discovery Notify requests that came while the same endpoint, or too many others, were being set up for one.</summary>
    public long NotificationsIgnored { get; internal set; }

    /// <summary>Pieces of background work that ended by a mistake of ours; a note has the details. Always 0 in a good build.</summary>
    public long InternalErrors { get; internal set; }
}
