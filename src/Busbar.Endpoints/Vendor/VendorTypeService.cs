// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>Answers message type 0x7e: hands each message to the protocol whose prefix it carries.</summary>
public sealed class VendorTypeService : IMctpService
{
    private readonly IVendorProtocol[] _protocols;

    /// <summary>Creates the service.</summary>
    /// <param name="protocols">In the order in which they are asked; no prefix may start another.</param>
    public VendorTypeService(params IReadOnlyList<IVendorProtocol> protocols) => _protocols = [.. protocols];

    /// <summary>Messages whose prefix belongs to no protocol; they stay unanswered.</summary>
    public long Unknown { get; private set; }

    /// <inheritdoc/>
    public long NextDeadline
    {
        get
        {
            long next = long.MaxValue;
            foreach (IVendorProtocol protocol in _protocols) next = Math.Min(next, protocol.NextDeadline);
            return next;
        }
    }

    /// <inheritdoc/>
    public void Handle(MctpStack stack, in MctpMessage message, long now)
    {
        foreach (IVendorProtocol protocol in _protocols)
        {
            if (!message.Body.StartsWith(protocol.Prefix)) continue;
            protocol.Handle(stack, message, now);
            return;
        }

        Unknown++;
    }

    /// <inheritdoc/>
    public void Poll(MctpStack stack, long now)
    {
        foreach (IVendorProtocol protocol in _protocols)
        {
            if (now >= protocol.NextDeadline) protocol.Poll(stack, now);
        }
    }
}
