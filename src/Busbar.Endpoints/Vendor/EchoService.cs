// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>Answers every request that starts with <c>cc de f0</c> with the same bytes, as mctp-echo does.</summary>
public sealed class EchoService : IVendorProtocol
{
    /// <summary>Requests that were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Answers that found no room.</summary>
    public long Lost { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Prefix => VendorPrefix.Echo;

    /// <inheritdoc/>
    public void Handle(MctpStack stack, in MctpMessage message, long now)
    {
        // An answer that nobody here asked for must not start a game of ping-pong between two echo services.
        if (!message.IsRequest) return;
        if (message.Reply(message.Body)) Answered++;
        else Lost++;
    }
}
