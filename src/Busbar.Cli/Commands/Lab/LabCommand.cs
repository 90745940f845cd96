// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Endpoints;
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary><c>busbar lab</c>: the whole story between two processes, verified.</summary>
internal sealed class LabCommand : BusbarCommand
{
    private const int DefaultWindow = 2 << 20;
    private const int MostCount = 10_000_000;

    // Around the limits of buffers, packets and tags; 3 is the prefix alone, 65535 the longest message.
    private static readonly int[] s_sizes = [3, 4, 16, 63, 64, 65, 255, 256, 1024, 4096, 16384, 32768, 65535];

    private readonly Option<MmbiDialect?> _dialect = OptionKinds.Dialect();
    private readonly Option<string?> _window = OptionKinds.Choice("--window", "What the two processes share: ivshmem (memory and doorbells) or shm (a file, polled).", "ivshmem|shm", "ivshmem", "shm");
    private readonly Option<string?> _wait = OptionKinds.Choice("--wait", "How both processes wait: spin, adaptive, block or poll (adaptive; poll for shm).", "STRATEGY", "spin", "adaptive", "block", "poll");
    private readonly Option<int?> _size = OptionKinds.WindowSize("--size", "Window bytes (2M).");
    private readonly Option<int[]> _sizes = new("--sizes")
    {
        Description = $"Message sizes, separated by commas, {EchoClient.SmallestSize} to {EchoClient.LargestSize}.",
        HelpName = "N,N,...",
        DefaultValueFactory = _ => s_sizes,
        CustomParser = result =>
        {
            var sizes = new List<int>();
            foreach (string word in result.Tokens[0].Value.Split(','))
            {
                if (OptionKinds.TryParseNumber(word, EchoClient.SmallestSize, EchoClient.LargestSize, out int size))
                {
                    sizes.Add(size);
                    continue;
                }

                result.AddError($"--sizes: '{word}' is not a number from {EchoClient.SmallestSize} to {EchoClient.LargestSize}");
                return s_sizes;
            }

            return [.. sizes];
        },
    };

    private readonly Option<int> _count = OptionKinds.Number("--count", "Messages of each size.", "N", 200, 1, MostCount);
    private readonly Option<int> _seed = OptionKinds.Number("--seed", "Decides data and random sizes.", "N", 1, 0, int.MaxValue);
    private readonly Option<bool> _verbose = OptionKinds.Verbose();
    private readonly Option<bool> _json = OptionKinds.Json();

    public LabCommand()
        : base("lab", "Start a second process as endpoint, meet it in shared memory, assign its EID, exchange and verify messages, reset, report.")
    {
        foreach (Option option in (Option[])[_dialect, _window, _wait, _size, _sizes, _count, _seed, _verbose, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar lab",
        "busbar lab --dialect v1.0-espi --window shm -v",
        "busbar lab --wait block --sizes 64,4096 --count 10000 --json",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "The lab is the host (discoverer) and bus owner with EID 8; the endpoint owns the window and gets EID 9.",
        "Exit code 0: every byte came back right. 1: something did not; the verdict says what.",
    ];

    private int Run(ParseResult parsed)
    {
        var options = new LabOptions
        {
            Dialect = parsed.GetValue(_dialect) ?? MmbiDialect.V11,
            Window = parsed.GetValue(_window) ?? "ivshmem",
            Wait = parsed.GetValue(_wait),
            Size = parsed.GetValue(_size) ?? DefaultWindow,
            Sizes = parsed.GetValue(_sizes)!,
            Count = parsed.GetValue(_count),
            Seed = parsed.GetValue(_seed),
        };
        using var stop = new StopSignal();
        LabReport report;
        using (var progress = new Progress())
        using (var run = new LabRun(options, progress, stop.Token))
        {
            report = RunUnlessStopped(run, stop.Token);
        }

        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.LabReport);
        else LabReportText.Write(report, parsed.GetValue(_verbose));
        return report.Ok ? ExitCode.Success : ExitCode.Negative;
    }

    // Ctrl-C reaches the endpoint, too, so anything may fail after it; none of that is news.
    private static LabReport RunUnlessStopped(LabRun run, CancellationToken stop)
    {
        try
        {
            return run.Run();
        }
        catch (Exception failure) when (stop.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Negative, "interrupted", failure);
        }
    }
}
