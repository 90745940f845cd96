// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// What the control plane stands on: the configuration of an MCTP system, word of its changes, and control messages in and out. Implemented over our own stack, over
/// the kernel, and by simulations.
/// </summary>
/// <remarks>All members are called, and all events are raised, in the one synchronization context of the control plane; nothing blocks for long.</remarks>
public interface IMctpHost : IMctpConfiguration
{
    /// <summary>Links and own EIDs that came, went or changed, whoever changed them (our own changes included).</summary>
    event Action<HostChange>? Changed;

    /// <summary>A control request of somebody else's arrived (type 0, tag owner set). The body starts behind the type byte and is valid during the call only.</summary>
    event ControlRequestHandler? RequestArrived;

    /// <summary>
    /// Raises <see cref="Changed"/> now for what has changed until now, without waiting for the next turn, so that who asks next is answered by what is. Does nothing when called from a
    /// handler of <see cref="Changed"/>.
    /// </summary>
    void TakeChanges();

    /// <summary>Answers a request.</summary>
    /// <param name="request">What <see cref="RequestArrived"/> brought. The answer leaves from the EID that the request was addressed to (null EID: from the null EID), with its
    /// tag, to its source EID; by route when there is one, else back to the physical address that it came from.</param>
    /// <param name="body">The answer from the byte behind the type byte on.</param>
    /// <returns>False when it could not be sent; counted by the host.</returns>
    bool Reply(in ControlRequest request, ReadOnlySpan<byte> body);

    /// <summary>Begins an exchange: a tag's worth of conversation with one responder, or with everybody on a link.</summary>
    /// <param name="to">
    /// By EID through the route table, or with <see cref="MctpEndPoint.Link"/> set: that link and physical address, with the EID as given (0 for whoever sits there, 255 for
    /// everybody).
    /// </param>
    IControlExchange Open(in MctpEndPoint to);
}
