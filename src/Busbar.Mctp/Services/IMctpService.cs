// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Answers the requests of one message type inside the stack's own turn, without a hop to another thread. A socket that is bound for the
/// type and matches the message comes first.
/// </summary>
public interface IMctpService
{
    /// <summary>When <see cref="Poll"/> wants to run: monotonic milliseconds, <see cref="long.MaxValue"/> for never.</summary>
    long NextDeadline => long.MaxValue;

    /// <summary>Handles one request. Runs under the stack's serialisation after a link was polled; must not block.</summary>
    /// <param name="stack">The stack, which may be used freely.</param>
    /// <param name="message">The message; valid only during the call.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    void Handle(MctpStack stack, in MctpMessage message, long now);

    /// <summary>Continues work of the service's own, when <see cref="NextDeadline"/> is reached.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    void Poll(MctpStack stack, long now)
    {
    }
}
