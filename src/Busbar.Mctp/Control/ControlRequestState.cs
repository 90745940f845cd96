// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>How far a control request has come.</summary>
public enum ControlRequestState
{
    /// <summary>None was started.</summary>
    Idle,

    /// <summary>The answer is awaited.</summary>
    Pending,

    /// <summary>The answer is here.</summary>
    Done,

    /// <summary>No answer came to any try.</summary>
    TimedOut,

    /// <summary>The request could not be sent, or its link went down.</summary>
    Failed,
}
