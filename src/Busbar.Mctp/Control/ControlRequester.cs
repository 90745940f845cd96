// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Asks one control request at a time and waits for its answer, with retries. A state machine without a clock: start it, call
/// <see cref="Poll"/> after each turn of the stack and when <see cref="NextDeadline"/> is reached.
/// </summary>
/// <remarks>
/// An answer counts when its tag belongs to one of the tries, and source EID, link, Instance ID and command are those of the request (DSP0236,
/// matching of responses). A request to the null EID over an extended address is answered under whatever EID the peer has.
/// </remarks>
public sealed class ControlRequester
{
    private readonly IControlCarrier _carrier;
    private readonly ControlRequesterOptions _options;
    private readonly byte[] _request = new byte[ControlHeader.LargestMessage];
    private readonly byte[] _received = new byte[256];
    private readonly MctpTag[] _tags = new MctpTag[ControlRequesterOptions.MostTries];
    private MctpEndPoint _to;
    private int _requestLength;
    private int _receivedLength;
    private int _openTags;
    private long _giveUpAt;
    private bool _unsent;

    /// <summary>Creates a requester.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="socket">A datagram socket that nobody else receives from.</param>
    /// <param name="options">Time-outs and tries; null for the defaults.</param>
    public ControlRequester(MctpStack stack, MctpSocketCore socket, ControlRequesterOptions? options = null)
        : this(new StackControlCarrier(stack, socket), options)
    {
    }

    /// <summary>Creates a requester on something else than a stack of this process.</summary>
    /// <param name="carrier">Carries requests and answers; nobody else receives from it.</param>
    /// <param name="options">Time-outs and tries; null for the defaults.</param>
    public ControlRequester(IControlCarrier carrier, ControlRequesterOptions? options = null)
    {
        _options = options ?? new ControlRequesterOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.TryTimeout, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Tries, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.Tries, ControlRequesterOptions.MostTries, nameof(options));
        _carrier = carrier;
    }

    /// <summary>How far the latest request has come.</summary>
    public ControlRequestState State { get; private set; }

    /// <summary>Why the latest request failed: what the send said; <see cref="SendStatus.LinkDown"/> also when the link went down later.</summary>
    public SendStatus Failure { get; private set; }

    /// <summary>Tries that were sent of the latest request.</summary>
    public int Tries { get; private set; }

    /// <summary>Instance ID of the latest request.</summary>
    public int InstanceId { get; private set; }

    /// <summary>When <see cref="Poll"/> must run even if nothing arrives.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    /// <summary>The whole answer without its type byte; valid until the next start. Empty unless <see cref="ControlRequestState.Done"/>.</summary>
    public ReadOnlySpan<byte> Response => State == ControlRequestState.Done ? _received.AsSpan(0, _receivedLength) : default;

    /// <summary>The answer's completion code.</summary>
    public CompletionCode Code => Response.Length == 0 ? CompletionCode.Error : (CompletionCode)Response[ControlHeader.Size];

    /// <summary>The answer's data behind its completion code.</summary>
    public ReadOnlySpan<byte> ResponseData => Response.Length == 0 ? default : Response[ControlHeader.ResponseSize..];

    /// <summary>Who answered.</summary>
    public MctpEndPoint Responder { get; private set; }

    /// <summary>Starts a request; one that is still pending is given up.</summary>
    /// <param name="command">The command.</param>
    /// <param name="data">Its data, at most 61 bytes.</param>
    /// <param name="to">The peer; type and tag are filled in.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>The state, which is <see cref="ControlRequestState.Pending"/> unless the request cannot be sent.</returns>
    public ControlRequestState Start(ControlCommand command, ReadOnlySpan<byte> data, in MctpEndPoint to, long now)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, ControlHeader.LargestMessage - ControlHeader.Size, nameof(data));
        Cancel(now);
        InstanceId = _carrier.NextInstanceId();
        _requestLength = ControlHeader.Request(command, InstanceId).Emit(_request) + data.Length;
        data.CopyTo(_request.AsSpan(ControlHeader.Size));
        _to = to with { Type = MessageType.Control, Tag = MctpTag.Owner };
        Failure = SendStatus.Ok;
        State = ControlRequestState.Pending;
        _carrier.TakeLinkDown();
        SendTry(now);
        return State;
    }

    /// <summary>Starts a request; one that is still pending is given up.</summary>
    /// <param name="data">The data of the request, which names its command.</param>
    /// <param name="to">The peer; type and tag are filled in.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public ControlRequestState Start<TRequest>(in TRequest data, in MctpEndPoint to, long now)
        where TRequest : IControlData<TRequest>
    {
        Span<byte> bytes = stackalloc byte[ControlHeader.LargestMessage - ControlHeader.Size];
        int length = data.Emit(bytes);
        return Start(TRequest.Command, bytes[..length], to, now);
    }

    /// <summary>Looks for the answer, and asks again when it is time.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public ControlRequestState Poll(long now)
    {
        while (State == ControlRequestState.Pending && _carrier.TryReceive(_received, out MctpReceiveResult result)) Judge(result, now);
        if (State != ControlRequestState.Pending) return State;
        if (_carrier.TakeLinkDown()) End(ControlRequestState.Failed, SendStatus.LinkDown, now);
        else if (now >= NextDeadline) TryAgain(now);
        return State;
    }

    /// <summary>Gives up a pending request; harmless when there is none.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Cancel(long now) => End(ControlRequestState.Idle, SendStatus.Ok, now);

    /// <summary>Reads the data of a successful answer.</summary>
    /// <param name="response">The meaning.</param>
    /// <returns>False when the request is not done, not successful, of another command, or its answer too short.</returns>
    public bool TryGetResponse<TResponse>(out TResponse response)
        where TResponse : IControlData<TResponse>
    {
        response = default!;
        return State == ControlRequestState.Done && Code == CompletionCode.Success && Response[1] == (byte)TResponse.Command
            && TResponse.TryParse(ResponseData, out response);
    }

    private void TryAgain(long now)
    {
        if (_unsent || Tries < _options.Tries) SendTry(now);
        else End(ControlRequestState.TimedOut, SendStatus.Ok, now);
    }

    private void SendTry(long now)
    {
        SendStatus status = _carrier.Send(_to, _request.AsSpan(0, _requestLength), now, out MctpTag tag);
        if (status == SendStatus.Ok)
        {
            _tags[_openTags++] = tag;
            Tries++;
            _unsent = false;
            NextDeadline = now + _options.TryTimeout;
        }
        else if (status == SendStatus.WouldBlock && !_unsent)
        {
            // A link that has no room now may have it in a moment; wait for it as long as for an answer, but look often.
            _unsent = true;
            NextDeadline = now + 1;
            _giveUpAt = now + _options.TryTimeout;
        }
        else if (status == SendStatus.WouldBlock && now < _giveUpAt)
        {
            NextDeadline = now + 1;
        }
        else
        {
            End(ControlRequestState.Failed, status, now);
        }
    }

    // That source EID, link and tag are those of one of the tries is known: the carrier gives us nothing else.
    private void Judge(in MctpReceiveResult result, long now)
    {
        ReadOnlySpan<byte> body = _received.AsSpan(0, Math.Min(result.Length, _received.Length));
        bool isOurs = ControlHeader.TryParse(body, out ControlHeader header) && body.Length >= ControlHeader.ResponseSize
            && !header.IsRequest && !header.IsDatagram && !result.Truncated && !result.From.Type.HasIntegrityCheck
            && result.From.Type == MessageType.Control && header.InstanceId == InstanceId && (byte)header.Command == _request[1];
        if (!isOurs)
        {
            _carrier.CountBad(result);
            return;
        }

        _receivedLength = body.Length;
        Responder = result.From;
        End(ControlRequestState.Done, SendStatus.Ok, now);
    }

    // Tags of tries that were not answered cool down, so that a late answer meets nobody.
    private void End(ControlRequestState state, SendStatus failure, long now)
    {
        for (int i = 0; i < _openTags; i++) _carrier.Abandon(_to, _tags[i], now);
        _openTags = 0;
        if (state == ControlRequestState.Idle) Tries = 0;
        State = state;
        Failure = failure;
        NextDeadline = long.MaxValue;
        _unsent = false;
    }
}
