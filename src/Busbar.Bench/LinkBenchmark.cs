// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>
/// Round trips and rates over any LINK with an endpoint at its other end: the same measurement for two processes, a guest and a process, two
/// guests, and a guest and a device, each beside the wake-up baseline of the machine that it runs on.
/// </summary>
/// <param name="spec">The LINK.</param>
/// <param name="sizes">Message sizes, the type byte included; 4 to 65,536.</param>
/// <param name="rounds">Interleaved rounds.</param>
/// <param name="seconds">Seconds of each single measurement.</param>
public sealed class LinkBenchmark(LinkSpec spec, IReadOnlyList<int> sizes, int rounds, double seconds)
{
    private const int InFlight = 8;
    private const int Batch = 64;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(5);
    private static readonly Eid s_ownEid = new(8);

    private int _failures;
    private double _mostDoorbells;
    private double _mostInterrupts;

    /// <summary>Measures.</summary>
    /// <param name="progress">Told what is going on.</param>
    /// <exception cref="MctpException">The link does not open or come up, or nobody answers there.</exception>
    public LinkBenchReport Run(IProgress<string>? progress = null)
    {
        LinkAttachment attachment = LinkOpener.Open(spec, MmbiRole.Discoverer, patience: s_patience);
        using var host = new EndpointHost(attachment, new EndpointOptions { StaticEid = s_ownEid });
        if (!host.Node.WaitUntilUp(attachment, s_patience)) throw new MctpException(MctpError.Unreachable, $"link '{spec.Text}' did not come up");
        using var client = new EchoClient(host.Node, host.Peer(Eid.Null, MessageType.VendorPci));
        WarmUp(client, progress);
        var figures = sizes.ToDictionary(size => size, _ => new List<Figures>());
        var wakeUps = new List<double>();
        var doorbells = new List<double>();
        for (int round = 1; round <= rounds; round++)
        {
            progress?.Report($"round {round} of {rounds}");
            double wakeUp = WakeUpBaseline.Measure(seconds);
            wakeUps.Add(wakeUp);
            doorbells.Add(MeasureDoorbells(host, attachment));
            foreach (int size in sizes) figures[size].Add(Measure(client, attachment.Link.Statistics, size, wakeUp));
        }

        return new LinkBenchReport(
            spec.Text,
            attachment.Description,
            attachment.Wait.ToString().ToLowerInvariant(),
            [.. sizes.Select(size => Summarise(size, figures[size]))],
            Spread.Of([.. wakeUps]),
            Spread.Of([.. doorbells]),
            _mostDoorbells,
            _mostInterrupts,
            _failures,
            rounds);
    }

    private static LinkBenchRow Summarise(int size, List<Figures> rounds) => new(
        size,
        Spread.Of(rounds, round => round.P50),
        Spread.Of(rounds, round => round.P99),
        Spread.Of(rounds, round => round.PerSecond),
        Spread.Of(rounds, round => round.PerSecond * size),
        Spread.Of(rounds, round => round.Doorbells),
        Spread.Of(rounds, round => round.Interrupts),
        Spread.Of(rounds, round => round.P50 / round.WakeUp));

    // Doorbells alone, with nothing behind them: what the write costs the writer, whatever the other side makes of it.
    private double MeasureDoorbells(EndpointHost host, LinkAttachment attachment)
    {
        if (attachment is not MmbiAttachment mmbi) return 0;
        long rung = 0;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds / 2)
        {
            host.Node.Use((_, _) =>
            {
                for (int i = 0; i < Batch; i++) mmbi.MmbiLink.Channel?.RingDoorbell();
            });
            rung += Batch;
        }

        return rung / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // Both ends compile what they run while they run it; measuring that would say nothing about the link.
    private void WarmUp(EchoClient client, IProgress<string>? progress)
    {
        progress?.Report("warming up");
        long start = Stopwatch.GetTimestamp();
        EchoTally tally = client.Run(sizes[0] - 1, Batch, InFlight, s_answerLimit);
        if (tally.Intact == 0) throw new MctpException(MctpError.TimedOut, $"link '{spec.Text}': nobody echoes at the other end; start 'busbar endpoint' or 'busbar device' there");
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            foreach (int size in sizes) client.Run(size - 1, Batch, InFlight, s_answerLimit);
        }
    }

    private Figures Measure(EchoClient client, LinkStatistics statistics, int size, double wakeUp)
    {
        (long doorbells, long wakes) = (statistics.DoorbellsRung, statistics.Wakes);
        long start = Stopwatch.GetTimestamp();
        var alone = new EchoTally { Size = size - 1 };
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            if (client.Ask(alone, s_answerLimit).Outcome != EchoOutcome.Intact) _failures++;
        }

        long middle = Stopwatch.GetTimestamp();
        long echoes = alone.Intact;
        var rates = new List<double>();
        while (Stopwatch.GetElapsedTime(middle).TotalSeconds < seconds)
        {
            // Half of a run goes one by one; its rate is that of the other half.
            EchoTally together = client.Run(size - 1, Batch, InFlight, s_answerLimit);
            echoes += together.Intact;
            _failures += together.Sent - together.Intact;
            rates.Add(together.MessagesPerSecond);
        }

        double all = Math.Max(1, echoes);
        double rung = statistics.DoorbellsRung - doorbells;
        double woken = statistics.Wakes - wakes;
        double total = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _mostDoorbells = Math.Max(_mostDoorbells, rung / total);
        _mostInterrupts = Math.Max(_mostInterrupts, woken / total);
        return new Figures(alone.Times.P50 * 1e3, alone.Times.P99 * 1e3, Spread.Of([.. rates]).Median, rung / all, woken / all, wakeUp);
    }

    private readonly record struct Figures(double P50, double P99, double PerSecond, double Doorbells, double Interrupts, double WakeUp);
}
