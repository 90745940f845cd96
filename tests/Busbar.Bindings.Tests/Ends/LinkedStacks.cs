// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bindings.Tests;

/// <summary>Two stacks, EIDs 8 and 9, joined by two links of a binding; the second one echoes.</summary>
internal sealed class LinkedStacks
{
    public static readonly Eid AskerEid = new(8);
    public static readonly Eid EchoEid = new(9);

    private readonly MctpSocketCore _socket;
    private readonly byte[] _buffer = new byte[66_000];

    public LinkedStacks(MctpLink asker, MctpLink echo)
    {
        Asker.AddLink(asker);
        Asker.AddAddress(asker, AskerEid);
        Asker.AddRoute(MctpRoute.Direct(EchoEid, EchoEid, asker));
        Echo.AddLink(echo);
        Echo.AddAddress(echo, EchoEid);
        Echo.AddRoute(MctpRoute.Direct(AskerEid, AskerEid, echo));
        Echo.SetService(MessageType.VendorPci, new EchoService());
        _socket = Asker.OpenSocket();
    }

    public MctpStack Asker { get; } = new();

    public MctpStack Echo { get; } = new();

    public long Now { get; set; } = 1000;

    /// <summary>Sends a request and gives both stacks turns until its answer is there.</summary>
    /// <returns>The answer; null when none came within the turns.</returns>
    public byte[]? Ask(ReadOnlySpan<byte> body, int turns = 50)
    {
        var to = new MctpEndPoint(EchoEid, MessageType.VendorPci, MctpTag.Owner);
        if (Asker.Send(_socket, to, body, Now, out MctpTag tag) != SendStatus.Ok) return null;
        for (int i = 0; i < turns; i++)
        {
            Turn();
            if (Asker.TryReceive(_socket, _buffer, out MctpReceiveResult result)) return _buffer[..result.Length];
        }

        Asker.AbandonRequest(_socket, to, tag, Now);
        return null;
    }

    public void Turn(int milliseconds = 1)
    {
        Now += milliseconds;
        Echo.Poll(Now, 256);
        Asker.Poll(Now, 256);
    }

    private sealed class EchoService : IMctpService
    {
        public void Handle(MctpStack stack, in MctpMessage message, long now)
        {
            if (message.IsRequest) message.Reply(message.Body);
        }
    }
}
