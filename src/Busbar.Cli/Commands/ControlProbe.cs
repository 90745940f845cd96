// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Asks by Get Endpoint ID, which every MCTP endpoint answers.</summary>
internal sealed class ControlProbe : IProbe
{
    private readonly EndpointSurvey _survey;
    private readonly MctpEndPoint _target;

    public ControlProbe(PeerSession session, TimeSpan timeout)
    {
        _survey = new EndpointSurvey(session.Source, new ControlRequesterOptions { TryTimeout = Math.Max(1, (int)timeout.TotalMilliseconds), Tries = 1 });
        _target = session.Peer(MessageType.Control);
        What = session.Target == Eid.Null ? "EID from the other end" : $"EID from eid {session.Target}";
    }

    public string Name => "control";

    public string What { get; }

    public EchoTally Tally { get; } = new() { Size = 2 };

    public (EchoOutcome Outcome, double Microseconds) Ask()
    {
        long start = Stopwatch.GetTimestamp();
        EchoOutcome outcome;
        try
        {
            _survey.GetEid(_target);
            outcome = EchoOutcome.Intact;
        }
        catch (MctpException failure) when (failure.Error is MctpError.TimedOut or MctpError.LinkDown)
        {
            outcome = EchoOutcome.Lost;
        }
        catch (MctpException failure) when (failure.Error == MctpError.PeerError)
        {
            outcome = EchoOutcome.Corrupt;
        }

        long ticks = Stopwatch.GetTimestamp() - start;
        Tally.Count(outcome, ticks);
        return (outcome, ticks * 1e6 / Stopwatch.Frequency);
    }

    public void Dispose() => _survey.Dispose();
}
