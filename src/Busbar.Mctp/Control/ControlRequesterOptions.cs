// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// How long a <see cref="ControlRequester"/> waits, and how often it asks. Each binding names its own values (MT2 and MN1); the defaults
/// suit all of them and are those of a widely used bus owner daemon.
/// </summary>
public sealed record ControlRequesterOptions
{
    /// <summary>Most tries that a requester can be told to make: each holds a tag until the request ends.</summary>
    public const int MostTries = 6;

    /// <summary>How long to wait for the answer to one try, in milliseconds.</summary>
    public int TryTimeout { get; init; } = 250;

    /// <summary>Tries in total, 1 to <see cref="MostTries"/>; retries carry the same Instance ID.</summary>
    public int Tries { get; init; } = 4;
}
