// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>
/// <c>bench forward</c>: a bridge between two MMBI windows spins on one processor, the generator and the sink share another; beside it C forwarders between
/// kernel sockets with the same division, in the same rounds.
/// </summary>
public sealed class ForwardBenchmark
{
    private readonly ForwardBenchOptions _options;
    private readonly (int Bridge, int Ends) _cpus;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">What to measure.</param>
    /// <exception cref="MctpException"><see cref="MctpError.MissingFacility"/> with fewer than two processors.</exception>
    public ForwardBenchmark(ForwardBenchOptions options)
    {
        _options = options;
        int[] cpus = CpuAffinity.AvailableCpus();
        if (cpus.Length < 2) throw new MctpException(MctpError.MissingFacility, "bench forward needs two processors, one for the bridge and one for its ends");
        _cpus = (cpus[0], cpus[1]);
    }

    /// <summary>Measures.</summary>
    /// <param name="progress">Told what is being done; may be null.</param>
    public ForwardBenchReport Run(IProgress<string>? progress = null)
    {
        Baselines baselines = Baselines.Prepare();
        var samples = _options.Sizes.ToDictionary(size => size, _ => new List<Sample>());
        Dictionary<int, ForwardCore> cores = _options.Sizes.ToDictionary(size => size, size => new ForwardCore(size));
        foreach (ForwardCore core in cores.Values) core.Measure(Math.Max(_options.Seconds, 0.2));
        for (int round = 1; round <= _options.Rounds; round++)
        {
            progress?.Report($"round {round} of {_options.Rounds}");
            var ours = new Dictionary<int, (double PerS, double CoreNs, double Allocated)>();
            try
            {
                // Made anew each time: a bridge that spins would be in the way of the baselines.
                using var path = new ForwardPath(_options.Folder, _options.WindowSize, _cpus.Bridge, _cpus.Ends);
                path.Measure(_options.Sizes[0], _options.Seconds / 2);
                foreach (int size in _options.Sizes)
                {
                    (double perS, double allocated) = path.Measure(size, _options.Seconds);
                    ours[size] = (perS, 0, allocated);
                }
            }
            finally
            {
                CpuAffinity.RestrictCurrentThread([_cpus.Bridge, _cpus.Ends]);
            }

            foreach (int size in _options.Sizes)
            {
                ours[size] = ours[size] with { CoreNs = cores[size].Measure(_options.Seconds) };
                int bytes = size + MctpHeader.Size;
                double seconds = Math.Max(_options.Seconds, 0.05);
                samples[size].Add(new Sample(
                    ours[size].PerS,
                    ours[size].CoreNs,
                    ours[size].Allocated,
                    baselines.RunIpc("forward_unix", "messages_per_s", (_cpus.Bridge, _cpus.Ends), seconds, bytes),
                    baselines.RunIpc("forward_udp", "messages_per_s", (_cpus.Bridge, _cpus.Ends), seconds, bytes)));
            }
        }

        return new ForwardBenchReport([.. samples.Select(pair => Row(pair.Key, pair.Value))], baselines.Missing, _options.Rounds, [_cpus.Bridge, _cpus.Ends]);
    }

    private static ForwardBenchRow Row(int size, List<Sample> samples) => new(
        size,
        Spread.Of(samples, sample => sample.PerS),
        Spread.Of(samples, sample => 1e9 / sample.PerS),
        Spread.Of(samples, sample => sample.CoreNs),
        Math.Round(samples.Max(sample => sample.Allocated), 3),
        Optional(samples, sample => sample.Unix),
        Optional(samples, sample => sample.Udp),
        Optional(samples, sample => sample.PerS / sample.Unix),
        Optional(samples, sample => sample.PerS / sample.Udp));

    private static Spread? Optional(List<Sample> samples, Func<Sample, double?> figure) =>
        samples.TrueForAll(sample => figure(sample) is not null) ? Spread.Of(samples, sample => figure(sample)!.Value) : null;

    private readonly record struct Sample(double PerS, double CoreNs, double Allocated, double? Unix, double? Udp);
}
