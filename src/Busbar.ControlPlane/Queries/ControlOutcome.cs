// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>How a control query ended.</summary>
internal enum ControlOutcome
{
    /// <summary>A well-formed answer came; its completion code may still be an error.</summary>
    Answered,

    /// <summary>Nothing came to any try.</summary>
    TimedOut,

    /// <summary>Only answers came whose instance ID, command or length do not fit the question.</summary>
    BadAnswer,

    /// <summary>The request could not be sent; <see cref="ControlAnswer.Failure"/> says why.</summary>
    NotSent,

    /// <summary>The link went, or the controller was disposed.</summary>
    Cancelled,
}
