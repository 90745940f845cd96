// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>
/// <c>bench mmbi</c>: two processes on two processors, socket to socket over ivshmem windows, beside C baselines measured in
/// the same interleaved rounds.
/// </summary>
public sealed class MmbiBenchmark
{
    private const int ExitLimitMs = 10_000;

    private readonly MmbiBenchOptions _options;
    private readonly Baselines _baselines;
    private readonly (int A, int B) _cpus;
    private readonly Dictionary<(string Wait, int Size), List<Sample>> _samples = [];
    private readonly Dictionary<string, List<double>> _baselineRounds = [];
    private readonly Dictionary<string, List<double>> _ratioRounds = [];

    /// <summary>Prepares a run.</summary>
    /// <param name="options">What to measure.</param>
    /// <exception cref="MctpException"><see cref="MctpError.MissingFacility"/> with fewer than two processors.</exception>
    public MmbiBenchmark(MmbiBenchOptions options)
    {
        _options = options;
        int[] cpus = [.. CpuAffinity.AvailableCpus()];
        if (cpus.Length < 2) throw new MctpException(MctpError.MissingFacility, "bench mmbi needs two processors, one for each process");
        _cpus = (cpus[0], cpus[1]);
        _baselines = Baselines.Prepare();
    }

    /// <summary>Measures.</summary>
    /// <param name="progress">Told what is being done; may be null.</param>
    public MmbiBenchReport Run(IProgress<string>? progress = null)
    {
        List<string> arguments = ["bench", "mmbi-peer", "--cpu", $"{_cpus.B}", "--parent", $"{Environment.ProcessId}"];
        foreach (string wait in _options.Waits)
            arguments.AddRange(["--link", $"{wait}={Link(wait)},role=owner,dialect={_options.Dialect},size={_options.WindowSize}"]);
        using Process peer = _options.StartProgram(arguments);
        try
        {
            Expect(peer, "ready");
            Dictionary<string, MmbiMeasurer> measurers = _options.Waits.ToDictionary(wait => wait, wait => new MmbiMeasurer(Link(wait)));
            try
            {
                foreach (string wait in _options.Waits)
                {
                    progress?.Report($"warming up {wait}");
                    Serve(peer, wait, measurers[wait], WarmUp);
                }

                for (int round = 1; round <= _options.Rounds; round++) MeasureRound(peer, measurers, round, progress);
            }
            finally
            {
                foreach (MmbiMeasurer measurer in measurers.Values) measurer.Dispose();
            }

            peer.StandardInput.Close();
            peer.WaitForExit(ExitLimitMs);
        }
        finally
        {
            if (!peer.HasExited) peer.Kill();
        }

        return new MmbiBenchReport(
            [.. _samples.Select(pair => Row(pair.Key.Wait, pair.Key.Size, pair.Value))],
            _baselineRounds.ToDictionary(pair => pair.Key, pair => Spread.Of([.. pair.Value])),
            _ratioRounds.ToDictionary(pair => pair.Key, pair => Spread.Of([.. pair.Value])),
            _baselines.Missing,
            _options.Rounds,
            [_cpus.A, _cpus.B]);
    }

    private static void Expect(Process peer, string word)
    {
        string? line = peer.StandardOutput.ReadLine();
        if (line != word) throw new MctpException(MctpError.PeerError, $"the benchmark's second process said '{line}' instead of '{word}'");
    }

    private void Serve(Process peer, string wait, MmbiMeasurer measurer, Action<MmbiMeasurer> measure)
    {
        // Only while measuring: programs that are started meanwhile would inherit the pinning.
        CpuAffinity.PinCurrentThread(_cpus.A);
        try
        {
            peer.StandardInput.WriteLine(wait);
            peer.StandardInput.Flush();
            measurer.WaitUntilUp();
            measure(measurer);
            measurer.Leave();
            Expect(peer, "left");
        }
        finally
        {
            CpuAffinity.RestrictCurrentThread([_cpus.A, _cpus.B]);
        }
    }

    private static MmbiBenchRow Row(string wait, int size, List<Sample> samples) => new(
        wait,
        size,
        Spread.Of(samples, s => s.P50),
        Spread.Of(samples, s => s.P99),
        Spread.Of(samples, s => s.Max),
        Spread.Of(samples, s => s.Stream.MessagesPerS),
        Spread.Of(samples, s => s.Stream.BytesPerS),
        Spread.Of(samples, s => s.Stream.AllocatedPerMessage),
        Spread.Of(samples, s => s.Stream.CpuNsPerMessage));

    private string Link(string wait) => $"mmbi:ivshmem:{Path.Combine(_options.Folder, wait + ".sock")},wait={wait}";

    private void WarmUp(MmbiMeasurer measurer)
    {
        double each = _options.WarmUpSeconds / 2 / _options.Sizes.Count;
        foreach (int size in _options.Sizes)
        {
            measurer.MeasureRoundTrips(size, each);
            measurer.MeasureStream(size, each);
        }
    }

    private void MeasureRound(Process peer, Dictionary<string, MmbiMeasurer> measurers, int round, IProgress<string>? progress)
    {
        var now = new Dictionary<(string Wait, int Size), Sample>();
        foreach (string wait in _options.Waits)
        {
            progress?.Report($"round {round} of {_options.Rounds}: {wait}");
            Serve(peer, wait, measurers[wait], measurer =>
            {
                foreach (int size in _options.Sizes)
                {
                    (double p50, double p99, double max) = measurer.MeasureRoundTrips(size, _options.Seconds);
                    now[(wait, size)] = new Sample(p50, p99, max, measurer.MeasureStream(size, _options.Seconds));
                }
            });
        }

        progress?.Report($"round {round} of {_options.Rounds}: baselines");
        Dictionary<string, double> then = RunBaselines(measurers.Values.First().Link);
        foreach ((var key, Sample sample) in now) Append(_samples, key, sample);
        foreach ((string name, double value) in then) Append(_baselineRounds, name, value);
        AddRatio("rtt64_spin_cacheline", now, then, ("spin", 64), "cacheline_rtt_ns", s => s.P50);
        AddRatio("rtt64_spin_cring", now, then, ("spin", 64), "cring_rtt_64_ns", s => s.P50);
        AddRatio("rate64_seqpacket", now, then, ("spin", 64), "seqpacket_64_messages_per_s", s => s.Stream.MessagesPerS);
        AddRatio("bytes64k_seqpacket", now, then, ("spin", 65536), "seqpacket_64k_bytes_per_s", s => s.Stream.BytesPerS);
        AddRatio("bytes64k_cring", now, then, ("spin", 65536), "cring_64k_bytes_per_s", s => s.Stream.BytesPerS);
        AddRatio("rtt64_block_seqpacket", now, then, ("block", 64), "seqpacket_rtt_64_ns", s => s.P50);
    }

    private Dictionary<string, double> RunBaselines(Mctp.MctpLink link)
    {
        var figures = new Dictionary<string, double>();
        if (_baselines.Missing is not null) return figures;

        // The C ring gets the geometry of the ring that our stream went through.
        int ring = (link as Mmbi.MmbiLink)?.Channel?.Producer?.Length ?? (_options.WindowSize / 2) - 8;
        double seconds = Math.Max(_options.Seconds, 0.05);
        // Trips timed one by one, as ours are.
        Add("cacheline_rtt_ns", "cacheline", "single_rtt_ns.p50");
        Add("cring_rtt_64_ns", "cring_rtt", "rtt_ns.p50", 63, ring);
        Add("cring_64k_bytes_per_s", "cring_stream", "bytes_per_s", BenchProtocol.LongestBody, ring);
        Add("cring_64_messages_per_s", "cring_stream", "messages_per_s", 63, ring);
        Add("seqpacket_rtt_64_ns", "seqpacket_rtt", "rtt_ns.p50", 64);
        Add("seqpacket_64_messages_per_s", "seqpacket_stream", "messages_per_s", 64);
        Add("seqpacket_64k_bytes_per_s", "seqpacket_stream", "bytes_per_s", 65536);
        Add("memcpy_64k_bytes_per_s", "memcpy", "bytes_per_s", 65536);
        return figures;

        void Add(string name, string test, string figure, int? size = null, int? ringBytes = null)
        {
            if (_baselines.RunIpc(test, figure, _cpus, seconds, size, ringBytes) is { } value) figures[name] = value;
        }
    }

    private void AddRatio(
        string name,
        Dictionary<(string Wait, int Size), Sample> ours,
        Dictionary<string, double> theirs,
        (string Wait, int Size) key,
        string baseline,
        Func<Sample, double> figure)
    {
        if (ours.TryGetValue(key, out Sample sample) && theirs.TryGetValue(baseline, out double value)) Append(_ratioRounds, name, figure(sample) / value);
    }

    private static void Append<TKey, TValue>(Dictionary<TKey, List<TValue>> lists, TKey key, TValue value)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out List<TValue>? list)) lists[key] = list = [];
        list.Add(value);
    }

    private readonly record struct Sample(double P50, double P99, double Max, MmbiMeasurer.StreamFigures Stream);
}
