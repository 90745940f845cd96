// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// Asks other endpoints control questions. A responder gets one question at a time (DSP0236 lets it drop more); questions to different responders never wait for each other.
/// Nothing here throws for what a peer does: the answer tells.
/// </summary>
internal sealed class ControlQueries
{
    // A control message fits 64 bytes; some bridges send whole tables all the same. Nobody needs more than this.
    private const int LongestAnswer = 2048;

    private readonly NetworkController _controller;
    private readonly Turns<ResponderKey> _turns = new();
    private readonly HashSet<OpenQuery> _open = [];
    private readonly HashSet<BroadcastQuery> _broadcasts = [];
    private int _instanceId = -1;
    private bool _disposed;

    public ControlQueries(NetworkController controller) => _controller = controller;

    /// <summary>Questions that are being asked or wait for their turn.</summary>
    public int Pending => _open.Count + _broadcasts.Count + _turns.Waiting;

    /// <summary>Asks one endpoint.</summary>
    /// <param name="to">By EID through the route table, or with link and physical address.</param>
    /// <param name="command">The command.</param>
    /// <param name="data">The request's data.</param>
    /// <param name="tries">How often it is sent at most; null for the option.</param>
    public async Task<ControlAnswer> AskAsync(MctpEndPoint to, ControlCommand command, ReadOnlyMemory<byte> data = default, int? tries = null)
    {
        using Turns<ResponderKey>.Turn turn = await _turns.TakeAsync(KeyOf(to));
        OpenQuery? query = null;
        try
        {
            int link = to.Link != 0 ? to.Link : _controller.Endpoints.Find(to.Network, to.Eid)?.Link ?? 0;
            if (_disposed || (link != 0 && _controller.Links.Find(link) is null)) return new ControlAnswer(ControlOutcome.Cancelled, to, default, default);
            _controller.Statistics.Queries++;
            query = new OpenQuery(_controller, to, link, Request(command, data.Span), tries ?? _controller.Options.Tries);
            _open.Add(query);
            query.Begin();
            return await query.Outcome;
        }
        catch (HostException refused)
        {
            _controller.Statistics.SendFailures++;
            _controller.Note(NoteSeverity.Warning, $"A {command} request could not be sent: {refused.Message}");
            return new ControlAnswer(ControlOutcome.NotSent, to, default, default) { Failure = SendStatus.Closed };
        }
        finally
        {
            if (query is not null) _open.Remove(query);
        }
    }

    /// <summary>Asks one endpoint a question without data.</summary>
    /// <param name="to">Whom.</param>
    /// <param name="tries">How often it is sent at most; null for the option.</param>
    public async Task<TypedAnswer<TResponse>> AskAsync<TResponse>(MctpEndPoint to, int? tries = null)
        where TResponse : struct, IControlData<TResponse> =>
        TypedAnswer<TResponse>.Read(await AskAsync(to, TResponse.Command, default, tries), _controller.Statistics);

    /// <summary>Asks one endpoint.</summary>
    /// <param name="to">Whom.</param>
    /// <param name="request">The request's data.</param>
    /// <param name="tries">How often it is sent at most; null for the option.</param>
    public async Task<TypedAnswer<TResponse>> AskAsync<TRequest, TResponse>(MctpEndPoint to, TRequest request, int? tries = null)
        where TRequest : struct, IControlData<TRequest>
        where TResponse : struct, IControlData<TResponse>
    {
        byte[] data = new byte[ControlHeader.LargestMessage];
        int length = request.Emit(data);
        return TypedAnswer<TResponse>.Read(await AskAsync(to, TRequest.Command, data.AsMemory(0, length), tries), _controller.Statistics);
    }

    /// <summary>Asks everybody on a link and gathers answers until the window closes.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="command">The command.</param>
    /// <param name="data">The request's data.</param>
    /// <param name="window">How long to gather.</param>
    /// <returns>One answer for each sender, at most 256.</returns>
    public async Task<IReadOnlyList<ControlAnswer>> AskAllAsync(int link, ControlCommand command, ReadOnlyMemory<byte> data, TimeSpan window)
    {
        if (_disposed || _controller.Links.Find(link) is not { } managed) return [];
        var to = new MctpEndPoint(Eid.Broadcast, MessageType.Control, MctpTag.Owner, managed.Host.Network, link);
        BroadcastQuery? query = null;
        try
        {
            _controller.Statistics.Queries++;
            query = new BroadcastQuery(_controller, to, Request(command, data.Span));
            _broadcasts.Add(query);
            query.Begin(window);
            return await query.Outcome;
        }
        catch (HostException refused)
        {
            _controller.Statistics.SendFailures++;
            _controller.Note(NoteSeverity.Warning, $"{managed.Host.Name}: a broadcast {command} request could not be sent: {refused.Message}");
            return [];
        }
        finally
        {
            if (query is not null) _broadcasts.Remove(query);
        }
    }

    /// <summary>Ends all questions that were asked over a link; they come back as cancelled.</summary>
    /// <param name="link">The link's index.</param>
    public void CancelLink(int link)
    {
        foreach (OpenQuery query in _open.Where(query => query.Link == link).ToArray()) query.Cancel();
        foreach (BroadcastQuery query in _broadcasts.Where(query => query.Link == link).ToArray()) query.End();
    }

    /// <summary>Ends all questions.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (OpenQuery query in _open.ToArray()) query.Cancel();
        foreach (BroadcastQuery query in _broadcasts.ToArray()) query.End();
    }

    /// <summary>Whether a message answers a request: long enough for its completion code, and instance ID and command are the same.</summary>
    internal static bool IsAnswerTo(ReadOnlySpan<byte> request, ReadOnlySpan<byte> body) =>
        body.Length is >= ControlHeader.ResponseSize and <= LongestAnswer
        && ControlHeader.TryParse(request, out ControlHeader asked)
        && ControlHeader.TryParse(body, out ControlHeader answered)
        && !answered.IsRequest && !answered.IsDatagram
        && answered.InstanceId == asked.InstanceId && answered.Command == asked.Command;

    private byte[] Request(ControlCommand command, ReadOnlySpan<byte> data)
    {
        _instanceId = (_instanceId + 1) % 32;
        byte[] request = new byte[ControlHeader.Size + data.Length];
        ControlHeader.Request(command, _instanceId).Emit(request);
        data.CopyTo(request.AsSpan(ControlHeader.Size));
        return request;
    }

    private ResponderKey KeyOf(in MctpEndPoint to)
    {
        if (to.IsExtended) return new ResponderKey(to.Link, to.Address, 0, Eid.Null);
        return _controller.Endpoints.Find(to.Network, to.Eid) is { IsLocal: false, Bridge: null } known
            ? new ResponderKey(known.Link, known.Address, 0, Eid.Null)
            : new ResponderKey(0, default, to.Network, to.Eid);
    }
}
