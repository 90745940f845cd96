// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Endpoints;

/// <summary>What became of one echo request.</summary>
public enum EchoOutcome
{
    /// <summary>No answer in time, or the link went down.</summary>
    Lost,

    /// <summary>The answer differs from the request.</summary>
    Corrupt,

    /// <summary>Every byte came back.</summary>
    Intact,
}
