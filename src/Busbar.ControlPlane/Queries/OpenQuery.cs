// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>One request on its way: sent, sent again with the same instance ID when nothing comes, judged when something does.</summary>
internal sealed class OpenQuery
{
    private readonly NetworkController _controller;
    private readonly IControlExchange _exchange;
    private readonly byte[] _request;
    private readonly int _tries;
    private readonly ITimer _timer;

    // Asynchronous, so that whoever asked goes on in a turn of its own and not inside the host's call.
    private readonly TaskCompletionSource<ControlAnswer> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _sent;
    private bool _sawNonsense;
    private ControlAnswer? _notReady;

    public OpenQuery(NetworkController controller, in MctpEndPoint to, int link, byte[] request, int tries)
    {
        _controller = controller;
        To = to;
        Link = link;
        _request = request;
        _tries = tries;
        _exchange = controller.Host.Open(to);
        _exchange.Answered = Judge;
        _timer = controller.Time.CreateTimer(static query => ((OpenQuery)query!).TryEnded(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public MctpEndPoint To { get; }

    /// <summary>The link that leads there; 0 when nobody knows.</summary>
    public int Link { get; }

    public Task<ControlAnswer> Outcome => _outcome.Task;

    public void Begin() => SendTry();

    public void Cancel() => End(new ControlAnswer(ControlOutcome.Cancelled, To, default, default));

    private void SendTry()
    {
        if (_sent != 0) _controller.Statistics.Retries++;
        _sent++;
        SendStatus status = _exchange.Send(_request);
        if (_outcome.Task.IsCompleted) return;
        if (status != SendStatus.Ok)
        {
            _controller.Statistics.SendFailures++;
            // No room and no tag pass; the try counts as lost. Everything else stays as it is however often one asks.
            if (status is not (SendStatus.WouldBlock or SendStatus.NoTag))
            {
                End(new ControlAnswer(ControlOutcome.NotSent, To, default, default) { Failure = status });
                return;
            }
        }

        _timer.Change(_controller.Options.MessageTimeout, Timeout.InfiniteTimeSpan);
    }

    private void TryEnded()
    {
        if (_outcome.Task.IsCompleted) return;
        if (_sent < _tries)
        {
            SendTry();
            return;
        }

        if (_notReady is { } notReady)
        {
            End(notReady);
            return;
        }

        if (!_sawNonsense) _controller.Statistics.TimeOuts++;
        End(new ControlAnswer(_sawNonsense ? ControlOutcome.BadAnswer : ControlOutcome.TimedOut, To, default, default));
    }

    private void Judge(MctpEndPoint from, ReadOnlySpan<byte> body)
    {
        if (_outcome.Task.IsCompleted) return;
        if (!ControlQueries.IsAnswerTo(_request, body) || (To.Eid.IsAssignable && from.Eid != To.Eid))
        {
            // A late answer to somebody else's question must not end this one; whether nothing better comes shows at the end of the try.
            _sawNonsense = true;
            _controller.Statistics.BadAnswers++;
            return;
        }

        var code = (CompletionCode)body[ControlHeader.Size];
        byte[] data = code == CompletionCode.Success ? body[ControlHeader.ResponseSize..].ToArray() : [];
        var answer = new ControlAnswer(ControlOutcome.Answered, from, code, data);
        if (code == CompletionCode.NotReady)
        {
            // The rest of the try is the pause before the next one.
            _controller.Statistics.NotReadyAnswers++;
            _notReady = answer;
            return;
        }

        End(answer);
    }

    private void End(in ControlAnswer answer)
    {
        if (!_outcome.TrySetResult(answer)) return;
        _timer.Dispose();
        _exchange.Answered = null;
        _exchange.Dispose();
    }
}
