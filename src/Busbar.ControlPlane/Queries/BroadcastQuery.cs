// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>One request to everybody on a link: sent once, and answers are gathered until the window closes.</summary>
internal sealed class BroadcastQuery
{
    // A bus has 247 EIDs to give; whoever sends more answers than that is flooding.
    private const int MostAnswers = 256;

    private readonly NetworkController _controller;
    private readonly IControlExchange _exchange;
    private readonly byte[] _request;
    private readonly ITimer _timer;
    private readonly HashSet<(Eid Eid, PhysicalAddress Address)> _seen = [];
    private readonly List<ControlAnswer> _answers = [];
    private readonly TaskCompletionSource<IReadOnlyList<ControlAnswer>> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BroadcastQuery(NetworkController controller, in MctpEndPoint to, byte[] request)
    {
        _controller = controller;
        Link = to.Link;
        _request = request;
        _exchange = controller.Host.Open(to);
        _exchange.Answered = Gather;
        _timer = controller.Time.CreateTimer(static query => ((BroadcastQuery)query!).End(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Link { get; }

    public Task<IReadOnlyList<ControlAnswer>> Outcome => _outcome.Task;

    public void Begin(TimeSpan window)
    {
        if (_exchange.Send(_request) == SendStatus.Ok)
        {
            _timer.Change(window, Timeout.InfiniteTimeSpan);
            return;
        }

        _controller.Statistics.SendFailures++;
        End();
    }

    public void End()
    {
        if (!_outcome.TrySetResult(_answers)) return;
        _timer.Dispose();
        _exchange.Answered = null;
        _exchange.Dispose();
    }

    private void Gather(MctpEndPoint from, ReadOnlySpan<byte> body)
    {
        if (_outcome.Task.IsCompleted) return;
        if (!ControlQueries.IsAnswerTo(_request, body) || _answers.Count == MostAnswers || !_seen.Add((from.Eid, from.Address)))
        {
            _controller.Statistics.BadAnswers++;
            return;
        }

        var code = (CompletionCode)body[ControlHeader.Size];
        _answers.Add(new ControlAnswer(ControlOutcome.Answered, from, code, code == CompletionCode.Success ? body[ControlHeader.ResponseSize..].ToArray() : []));
    }
}
