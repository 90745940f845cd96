// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>How a <see cref="LinkExercise"/> treats the endpoint.</summary>
public sealed record LinkExerciseOptions
{
    /// <summary>The EID to assign to an endpoint that has no static one; <see cref="Eid.Null"/> to assign none and take the endpoint as it is.</summary>
    public Eid Assign { get; init; } = Eid.Null;

    /// <summary>True to assign the EID even to an endpoint whose static EID is in force.</summary>
    public bool OverridesStaticEid { get; init; }

    /// <summary>Decides the data and the random sizes.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How long the link may take to come back after a reset.</summary>
    public TimeSpan StepLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one answer may take.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(2);
}
