// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node.Tests;

/// <summary>Sends every request back as it came.</summary>
internal sealed class EchoService : IMctpService
{
    public static readonly MessageType Type = MessageType.VendorPci;

    public void Handle(MctpStack stack, in MctpMessage message, long now)
    {
        if (message.IsRequest) message.Reply(message.Body);
    }
}
