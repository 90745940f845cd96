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
}
