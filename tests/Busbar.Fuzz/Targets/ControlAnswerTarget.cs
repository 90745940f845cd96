// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>Answers, wanted and unwanted, to a requester that waits; afterwards it still gets a proper one.</summary>
internal sealed class ControlAnswerTarget : IFuzzTarget
{
    public string Name => "control-answers";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        yield return ("answer", [0, 8, 0xC0, 0x00, 0x02, 0x00, 0x09, 0x00, 0x00, 0x00]);
        yield return ("error", [0, 5, 0xC0, 0x00, 0x02, 0x05, 0x00]);
        yield return ("late", [0xFF, 8, 0xC0, 0x00, 0x02, 0x00, 0x09, 0x00, 0x00, 0x00]);
        yield return ("request", [0, 3, 0xC8, 0x80, 0x02, 0x00]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var fed = new FedStack();
        MctpSocketCore socket = fed.Stack.OpenSocket();
        var requester = new ControlRequester(fed.Stack, socket);
        var peer = new MctpEndPoint(new Eid(FedStack.PeerEid), MessageType.Control, MctpTag.Owner);
        requester.Start(ControlCommand.GetEndpointId, [], peer, fed.Now);
        var reader = new InputReader(input);
        while (!reader.IsEmpty)
        {
            int time = reader.Byte();
            int length = reader.Byte();
            byte flags = reader.Byte();
            fed.Link.Feed([0x01, FedStack.OwnEid, FedStack.PeerEid, flags, 0x00, .. reader.Take(length)], 1);
            fed.Turn(time);
            if (requester.Poll(fed.Now) == ControlRequestState.Done && requester.TryGetResponse(out GetEndpointIdResponse _)) requester.Cancel(fed.Now);
            if (requester.State != ControlRequestState.Pending) requester.Start(ControlCommand.GetEndpointId, [], peer, fed.Now);
        }

        requester.Cancel(fed.Now);
        fed.Drain();

        // Long enough for every tag to have cooled down.
        fed.Turn(60_000);
        fed.Turn(60_000);
        fed.Link.Sent.Clear();
        FuzzViolationException.Require(requester.Start(ControlCommand.GetEndpointId, [], peer, fed.Now) == ControlRequestState.Pending, "a new request can be sent");
        byte[] request = fed.Link.Sent[^1];

        // Back to whoever asked: a request among the input may have changed our EID.
        fed.Link.Feed([0x01, request[2], FedStack.PeerEid, (byte)(request[3] & 0xF7), 0x00, (byte)(request[5] & 0x1F), 0x02, 0x00, FedStack.PeerEid, 0x00, 0x00], 1);
        fed.Turn(1);
        FuzzViolationException.Require(requester.Poll(fed.Now) == ControlRequestState.Done, "a proper answer is taken");
        requester.Cancel(fed.Now);
        fed.Probe();
    }
}
