// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Requests with time-outs, retries and matching of answers.</summary>
public sealed class ControlRequesterTests
{
    private readonly Core _core = new();
    private readonly MctpSocketCore _socket;
    private readonly ControlRequester _requester;

    public ControlRequesterTests()
    {
        _socket = _core.Stack.OpenSocket();
        _requester = new ControlRequester(_core.Stack, _socket);
    }

    private MctpEndPoint AtLink => new(Eid.Null, default, link: _core.Link.Index);

    [Fact]
    public void Request_IsDoneWhenItsAnswerComes()
    {
        Assert.Equal(ControlRequestState.Pending, _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now));
        byte[] sent = _core.Wire.Take().Single();
        Answer(sent, 9, "00 09 00 00");

        Assert.Equal([1, 9, 8, 0xC8, 0, (byte)(0x80 | _requester.InstanceId), 2], sent);
        Assert.Equal(ControlRequestState.Done, Poll());
        Assert.Equal(CompletionCode.Success, _requester.Code);
        Assert.True(_requester.TryGetResponse(out GetEndpointIdResponse response));
        Assert.Equal(new Eid(9), response.Eid);
        Assert.Equal(new Eid(9), _requester.Responder.Eid);
        Assert.False(_requester.TryGetResponse(out GetEndpointUuidResponse _));
        Assert.Equal(long.MaxValue, _requester.NextDeadline);
    }

    [Fact]
    public void Request_WithTypedData_CarriesIt()
    {
        _requester.Start(new SetEndpointIdRequest(SetEndpointIdOperation.Set, new Eid(30)), AtLink, _core.Now);

        Assert.Equal("01 00 1e", Bytes.ToHex(_core.Wire.Take().Single().AsSpan(6)));
    }

    [Fact]
    public void Request_ToTheNullEid_TakesTheAnswerOfAnyEid()
    {
        _requester.Start(ControlCommand.GetEndpointId, [], AtLink, _core.Now);
        Answer(_core.Wire.Take().Single(), 44, "00 2c 00 00");

        Assert.Equal(ControlRequestState.Done, Poll());
        Assert.Equal(new Eid(44), _requester.Responder.Eid);
    }

    [Fact]
    public void UnsuccessfulAnswer_IsDoneWithItsCode()
    {
        _requester.Start(ControlCommand.GetEndpointUuid, [], Core.Peer(9), _core.Now);
        Answer(_core.Wire.Take().Single(), 9, "05");

        Assert.Equal(ControlRequestState.Done, Poll());
        Assert.Equal(CompletionCode.UnsupportedCommand, _requester.Code);
        Assert.True(_requester.ResponseData.IsEmpty);
        Assert.False(_requester.TryGetResponse(out GetEndpointUuidResponse _));
    }

    [Fact]
    public void Request_WithoutAnAnswer_IsRepeatedUnderOneInstanceIdAndTimesOut()
    {
        _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
        var sent = new List<byte[]>(_core.Wire.Take());
        for (int i = 1; i <= 4; i++)
        {
            _core.Now = 1_000 + (250 * i) - 1;
            Assert.Equal(ControlRequestState.Pending, Poll());
            Assert.Equal(_core.Now + 1, _requester.NextDeadline);
            _core.Now++;
            Assert.Equal(i == 4 ? ControlRequestState.TimedOut : ControlRequestState.Pending, Poll());
            sent.AddRange(_core.Wire.Take());
        }

        Assert.Equal(4, sent.Count);
        Assert.Equal(4, _requester.Tries);
        Assert.Single(sent.Select(packet => packet[5]).Distinct());
        Assert.Equal(4, sent.Select(packet => packet[3]).Distinct().Count());
    }

    [Fact]
    public void AnswerToAnEarlierTry_Counts()
    {
        _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
        byte[] first = _core.Wire.Take().Single();
        _core.Now += 250;
        Poll();
        Answer(first, 9, "00 09 00 00");

        Assert.Equal(ControlRequestState.Done, Poll());
        Assert.Equal(2, _requester.Tries);
    }

    [Fact]
    public void LateAnswerToATimedOutRequest_DoesNotDisturbTheNext()
    {
        _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
        byte[] old = _core.Wire.Take().Single();
        for (int i = 0; i < 4; i++)
        {
            _core.Now += 250;
            Poll();
        }

        _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
        _core.Wire.Take();
        Answer(old, 9, "00 09 00 00");

        Assert.Equal(ControlRequestState.Pending, Poll());
        Assert.Equal(1, _core.Drops[DropReason.ExpiredTag]);
    }

    [Theory]
    [InlineData(0x01, 0x00, "00")]
    [InlineData(0x00, 0x01, "00")]
    [InlineData(0x80, 0x00, "00")]
    [InlineData(0x40, 0x00, "00")]
    [InlineData(0x00, 0x00, "")]
    public void AnswerThatDoesNotMatch_IsIgnoredAndCounted(byte flagChange, byte commandChange, string data)
    {
        _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
        byte[] sent = _core.Wire.Take().Single();
        sent[5] ^= flagChange;
        sent[6] ^= commandChange;
        Answer(sent, 9, data, keepRequestBit: (flagChange & 0x80) != 0);

        Assert.Equal(ControlRequestState.Pending, Poll());
        Assert.Equal(1, _core.Drops[DropReason.BadControlMessage]);
        _core.Now += 250;
        Poll();
        Answer(_core.Wire.Take().Single(), 9, "00 09 00 00");
        Assert.Equal(ControlRequestState.Done, Poll());
    }

    [Fact]
    public void AnswerOfAnotherEndpoint_IsNotTaken()
    {
        _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
        Answer(_core.Wire.Take().Single(), 20, "00 14 00 00");

        Assert.Equal(ControlRequestState.Pending, Poll());
    }

    [Fact]
    public void Request_ThatCannotBeSent_FailsWithTheReason()
    {
        Assert.Equal(ControlRequestState.Failed, _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(15), _core.Now));
        Assert.Equal(SendStatus.NoRoute, _requester.Failure);
    }

    [Fact]
    public void LinkDown_WhileWaiting_FailsTheRequest()
    {
        _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
        _core.Wire.Near.SetUp(up: false, _core.Now);

        Assert.Equal(ControlRequestState.Failed, Poll());
        Assert.Equal(SendStatus.LinkDown, _requester.Failure);
    }

    [Fact]
    public void FullLink_DelaysTheRequestUntilThereIsRoom()
    {
        var core = new Core(mtu: 68, capacity: 1024);
        core.Fill();
        var requester = new ControlRequester(core.Stack, core.Stack.OpenSocket());

        Assert.Equal(ControlRequestState.Pending, requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), core.Now));
        Assert.Equal(core.Now + 1, requester.NextDeadline);
        Assert.Equal(0, requester.Tries);
        core.Wire.Take();
        requester.Poll(core.Now + 1);
        Assert.Equal(1, requester.Tries);
        Assert.Single(core.Wire.Take());
    }

    [Fact]
    public void LinkThatStaysFull_FailsTheRequestInTheEnd()
    {
        var core = new Core(mtu: 68, capacity: 1024);
        core.Fill();
        var requester = new ControlRequester(core.Stack, core.Stack.OpenSocket());
        requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), core.Now);
        for (int i = 1; i <= 250; i++) requester.Poll(core.Now + i);

        Assert.Equal(ControlRequestState.Failed, requester.State);
        Assert.Equal(SendStatus.WouldBlock, requester.Failure);
    }

    [Fact]
    public void Cancel_OfAPendingRequest_DropsItsAnswer()
    {
        _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
        byte[] sent = _core.Wire.Take().Single();
        _requester.Cancel(_core.Now);
        Answer(sent, 9, "00 09 00 00");

        Assert.Equal(ControlRequestState.Idle, Poll());
        Assert.Equal(1, _core.Drops[DropReason.ExpiredTag]);
    }

    [Fact]
    public void InstanceIds_AreNewForEachRequestAndWrap()
    {
        var ids = new List<int>();
        for (int i = 0; i < 40; i++)
        {
            _requester.Start(ControlCommand.GetEndpointId, [], Core.Peer(9), _core.Now);
            ids.Add(_requester.InstanceId);
            Answer(_core.Wire.Take().Single(), 9, "00 09 00 00");
            Assert.Equal(ControlRequestState.Done, Poll());
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(i => i & 0x1F), ids);
    }

    [Fact]
    public void Requester_AndResponder_UnderstandEachOther()
    {
        (MctpStack owner, MctpStack endpoint) = (new MctpStack(), new MctpStack());
        (PairLink a, PairLink b) = PairLink.Create(mtu: 68);
        owner.AddLink(a);
        endpoint.AddLink(b);
        owner.AddAddress(a, new Eid(8));
        var uuid = Guid.NewGuid();
        endpoint.SetService(MessageType.Control, new ControlResponder(new ControlResponderOptions { Uuid = uuid, MessageTypes = [MessageType.VendorPci] }));
        var requester = new ControlRequester(owner, owner.OpenSocket());
        var to = new MctpEndPoint(Eid.Null, default, link: a.Index);

        SetEndpointIdResponse set = Exchange<SetEndpointIdRequest, SetEndpointIdResponse>(new SetEndpointIdRequest(SetEndpointIdOperation.Set, new Eid(9)));
        to = new MctpEndPoint(new Eid(9), default, network: 1);
        owner.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), a));
        GetVersionSupportResponse versions = Exchange<GetVersionSupportRequest, GetVersionSupportResponse>(new GetVersionSupportRequest(0xFF));
        requester.Start(ControlCommand.GetEndpointUuid, [], to, 0);
        Turn();

        Assert.Equal(new Eid(9), set.Eid);
        Assert.Equal("1.3.3", versions.Versions[^1].ToString());
        Assert.True(requester.TryGetResponse(out GetEndpointUuidResponse identity));
        Assert.Equal(uuid, identity.Uuid);

        TResponse Exchange<TRequest, TResponse>(TRequest request)
            where TRequest : IControlData<TRequest>
            where TResponse : IControlData<TResponse>
        {
            requester.Start(request, to, 0);
            Turn();
            Assert.True(requester.TryGetResponse(out TResponse response));
            return response;
        }

        void Turn()
        {
            endpoint.Poll(0, 100);
            owner.Poll(0, 100);
            requester.Poll(0);
        }
    }

    private ControlRequestState Poll()
    {
        _core.Poll();
        return _requester.Poll(_core.Now);
    }

    private void Answer(byte[] request, byte source, string data, bool keepRequestBit = false)
    {
        byte flags = (byte)((request[3] & 7) | 0xC0);
        byte control = keepRequestBit ? (byte)(request[5] | 0x80) : (byte)(request[5] & 0x7F);
        _core.Wire.Send(source, 8, flags, [0, control, request[6], .. Bytes.FromHex(data)]);
    }
}
