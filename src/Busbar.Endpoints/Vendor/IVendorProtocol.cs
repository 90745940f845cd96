// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>
/// One of the protocols that share message type 0x7e (vendor defined, PCI vendor ID; DSP0236, vendor defined messages). The first bytes of
/// the body tell them apart.
/// </summary>
public interface IVendorProtocol
{
    /// <summary>The bytes with which every body of the protocol starts.</summary>
    ReadOnlySpan<byte> Prefix { get; }

    /// <summary>When <see cref="Poll"/> wants to run: monotonic milliseconds, <see cref="long.MaxValue"/> for never.</summary>
    long NextDeadline => long.MaxValue;

    /// <summary>Handles one message that starts with <see cref="Prefix"/>. Runs under the stack's serialisation; must not block.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="message">The message; valid only during the call.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    void Handle(MctpStack stack, in MctpMessage message, long now);

    /// <summary>Continues work of the protocol's own, when <see cref="NextDeadline"/> is reached.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    void Poll(MctpStack stack, long now)
    {
    }
}
