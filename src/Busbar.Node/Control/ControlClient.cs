// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// Sends MCTP control requests from a node, or through the kernel, and waits for their answers, with the standard time-outs and retries.
/// Use one per thread; requests of one client run one after the other.
/// </summary>
public sealed class ControlClient : IDisposable
{
    private readonly ControlPort _port;
    private readonly ControlRequester _requester;

    /// <summary>Opens a client.</summary>
    /// <param name="source">The node or kernel to ask from.</param>
    /// <param name="options">Time-outs and retries; null for 250 ms and four tries.</param>
    public ControlClient(IMctpSocketSource source, ControlRequesterOptions? options = null)
    {
        _port = source is MctpNode node ? new NodeControlPort(node, options) : new SocketControlPort(source.OpenSocket(), options);
        _requester = _port.Requester;
    }

    /// <summary>A control endpoint at an EID, reached through the route table.</summary>
    /// <param name="eid">The peer.</param>
    /// <param name="network">Its network.</param>
    public static MctpEndPoint At(Eid eid, uint network = 1) => new(eid, MessageType.Control, MctpTag.Owner, network);

    /// <summary>Whoever sits at the other end of a link, whatever its EID.</summary>
    /// <param name="link">Link index.</param>
    /// <param name="address">Physical address on that link.</param>
    public static MctpEndPoint AtLink(int link, PhysicalAddress address = default) =>
        new(Eid.Null, MessageType.Control, MctpTag.Owner, link: link, address: address);

    /// <summary>Asks, and reads the data of a successful answer.</summary>
    /// <param name="request">The request's data, which names its command.</param>
    /// <param name="to">The peer, from <see cref="At"/> or <see cref="AtLink"/>.</param>
    /// <returns>The meaning of the answer.</returns>
    /// <exception cref="MctpException">
    /// <see cref="MctpError.TimedOut"/> no answer to any try; <see cref="MctpError.LinkDown"/>, <see cref="MctpError.NoRoute"/> or another reason why it
    /// could not be sent; <see cref="MctpError.PeerError"/> a completion code other than success, or an answer that makes no sense.
    /// </exception>
    public TResponse Ask<TRequest, TResponse>(in TRequest request, in MctpEndPoint to)
        where TRequest : IControlData<TRequest>
        where TResponse : IControlData<TResponse>
    {
        return Judge(TryAsk(request, to, out TResponse? response), response);
    }

    /// <summary>Asks, and leaves it to the caller what a completion code other than success means.</summary>
    /// <param name="request">The request's data, which names its command.</param>
    /// <param name="to">The peer, from <see cref="At"/> or <see cref="AtLink"/>.</param>
    /// <param name="response">The meaning of the answer; default when there was no success.</param>
    /// <returns>The completion code.</returns>
    /// <exception cref="MctpException">As for <see cref="Ask{TRequest, TResponse}"/>, completion codes excepted.</exception>
    public CompletionCode TryAsk<TRequest, TResponse>(in TRequest request, in MctpEndPoint to, out TResponse? response)
        where TRequest : IControlData<TRequest>
        where TResponse : IControlData<TResponse>
    {
        TRequest data = request;
        MctpEndPoint peer = to;
        _port.Use(now => _requester.Start(data, peer, now));
        return Await(peer, out response);
    }

    /// <summary>Asks with a command whose request has no data, and reads the data of a successful answer.</summary>
    /// <param name="to">The peer, from <see cref="At"/> or <see cref="AtLink"/>.</param>
    /// <returns>The meaning of the answer.</returns>
    /// <exception cref="MctpException">As for <see cref="Ask{TRequest, TResponse}"/>.</exception>
    public TResponse Ask<TResponse>(in MctpEndPoint to)
        where TResponse : IControlData<TResponse> => Judge(TryAsk(to, out TResponse? response), response);

    /// <summary>Asks with a command whose request has no data, and leaves it to the caller what a completion code other than success means.</summary>
    /// <param name="to">The peer, from <see cref="At"/> or <see cref="AtLink"/>.</param>
    /// <param name="response">The meaning of the answer; default when there was no success.</param>
    /// <returns>The completion code.</returns>
    /// <exception cref="MctpException">As for <see cref="Ask{TRequest, TResponse}"/>, completion codes excepted.</exception>
    public CompletionCode TryAsk<TResponse>(in MctpEndPoint to, out TResponse? response)
        where TResponse : IControlData<TResponse>
    {
        MctpEndPoint peer = to;
        _port.Use(now => _requester.Start(TResponse.Command, [], peer, now));
        return Await(peer, out response);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _port.Use(now => _requester.Cancel(now));
        _port.Dispose();
    }

    private static TResponse Judge<TResponse>(CompletionCode code, TResponse? response)
        where TResponse : IControlData<TResponse>
    {
        return code == CompletionCode.Success
            ? response!
            : throw new MctpException(MctpError.PeerError, $"the peer answers {TResponse.Command} with completion code 0x{(byte)code:x2} ({code})");
    }

    private CompletionCode Await<TResponse>(MctpEndPoint peer, out TResponse? response)
        where TResponse : IControlData<TResponse>
    {
        _port.WaitForEnd();

        // Whoever waits is the only one to start requests, so that the outcome stays as it is.
        (CompletionCode code, TResponse? meaning, MctpException? failure) = Outcome<TResponse>(peer);
        if (failure is not null) throw failure;
        response = meaning;
        return code;
    }

    private (CompletionCode Code, TResponse? Meaning, MctpException? Failure) Outcome<TResponse>(in MctpEndPoint peer)
        where TResponse : IControlData<TResponse>
    {
        switch (_requester.State)
        {
            case ControlRequestState.Done when _requester.Code != CompletionCode.Success:
                return (_requester.Code, default, null);
            case ControlRequestState.Done when _requester.TryGetResponse(out TResponse answer):
                return (_requester.Code, answer, null);
            case ControlRequestState.Done:
                return (default, default, new MctpException(MctpError.PeerError, $"the peer's answer to {TResponse.Command} is too short"));
            case ControlRequestState.TimedOut:
                return (default, default, new MctpException(MctpError.TimedOut, $"no answer to {TResponse.Command} after {_requester.Tries} tries"));
            default:
                return (default, default, Failures.OfSend(_requester.Failure, peer, 0));
        }
    }
}
