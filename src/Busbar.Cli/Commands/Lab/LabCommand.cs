// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Runtime.ExceptionServices;
using Busbar.Daemon;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar lab</c>: the whole story between two processes, or against endpoints that are there already, verified.</summary>
internal sealed class LabCommand : BusbarCommand
{
    private const int DefaultWindow = 2 << 20;
    private const int MostCount = 10_000_000;
    private const int DefaultCount = 200;
    private const int RandomSizes = 100;
    private const int QuickCount = 20;
    private const int QuickSweepStep = 16;
    private const int QuickRandomSizes = 10;
    private const int FirstEid = 9;
    private const int LastEid = 254;

    private const int TopologyCount = 3;

    private static readonly TimeSpan s_topologyPatience = TimeSpan.FromSeconds(90);

    // One packet, several packets, and one of many on the smallest medium.
    private static readonly int[] s_topologySizes = [3, 64, 1024, 4096];

    // Around the limits of buffers, packets and tags; 3 is the prefix alone, 65535 the longest message.
    private static readonly int[] s_sizes = [3, 4, 16, 63, 64, 65, 255, 256, 1024, 4096, 16384, 32768, 65535];

    private readonly Option<LinkSpec[]> _links = LinkOption.CreateMany(
        "Exercise the endpoint that is at the other end of this link, instead of starting one; several times for several links at once.", required: false);

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

    private readonly Option<int> _count = OptionKinds.Number("--count", $"Messages of each size; {QuickCount} with --quick.", "N", DefaultCount, 1, MostCount);
    private readonly Option<bool> _quick = new("--quick") { Description = "Fewer messages: for slow machines and emulated ones." };
    private readonly Option<int> _seed = OptionKinds.Number("--seed", "Decides data and random sizes.", "N", 1, 0, int.MaxValue);
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "EID to assign to the first endpoint (9); further ones get those behind it.");
    private readonly Option<bool> _noAssign = new("--no-assign") { Description = "Assign no EID; use the one that the endpoint has, or none." };
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long a link may take to come up, and to come back after a reset.", 5, 0.001);
    private readonly Option<string?> _topology = new("--topology")
    {
        Description = "Build the network that a file describes, out of processes, find everybody, send messages all over it, check, and take it down.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _stay = new("--stay") { Description = "With --topology: leave the network running after the checks, until a signal comes." };
    private readonly Option<bool> _vm = new("--vm") { Description = "Play a story with virtual machines instead, and show their consoles side by side." };
    private readonly Option<int> _story = OptionKinds.Number("--story", "Which story of --vm: 1 two guests over ivshmem, 2 a guest and a process, 3 a guest and an emulated device, 4 a guest's kernel and that device, 5 driver and device in one process.", "N", 1, 1, 5);
    private readonly Option<string?> _logs = new("--logs") { Description = "Folder in which --vm keeps the guests' consoles.", HelpName = "DIR" };
    private readonly Option<bool> _verbose = OptionKinds.Verbose();
    private readonly Option<bool> _json = OptionKinds.Json();

    public LabCommand()
        : base("lab", "Start a second process as endpoint, meet it in shared memory, assign its EID, exchange and verify messages, reset, report.")
    {
        foreach (Option option in (Option[])[_links, _dialect, _window, _wait, _size, _sizes, _count, _quick, _seed, _eid, _noAssign, _timeout, _topology, _stay, _vm, _story, _logs, _verbose, _json])
            Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar lab",
        "busbar lab --dialect v1.0-espi --window shm -v",
        "busbar lab --wait block --sizes 64,4096 --count 10000 --json",
        "busbar lab --link mmbi:ivshmem:/run/lab.sock --quick",
        "busbar lab --topology examples/three-levels.toml",
        "busbar lab --vm",
        "busbar lab --link mmbi:shm:/dev/shm/x,instance=0 --link mmbi:shm:/dev/shm/x,instance=1 --json",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "The lab is the host (discoverer) and bus owner with EID 8; its own endpoint owns the window and gets EID 9.",
        "With --link the endpoint is somebody else's: a static EID in force stays, and only this side resets the link.",
        "Exit code 0: every byte came back right. 1: something did not; the verdict says what.",
    ];

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_vm)) return RunStory(parsed);
        RefuseGiven(parsed, "it needs --vm", _story, _logs);
        if (parsed.GetValue(_topology) is { } file) return RunTopology(parsed, file);
        RefuseGiven(parsed, "it needs --topology", _stay);
        LinkSpec[] links = parsed.GetValue(_links) ?? [];
        LabOptions options = ReadOptions(parsed, links.Length);
        using var stop = new StopSignal();
        bool json = parsed.GetValue(_json);
        bool verbose = parsed.GetValue(_verbose);
        using var progress = new Progress();
        var gate = new Lock();
        return links.Length == 0 ? RunOwn() : RunLinks();

        int RunOwn()
        {
            LabReport report;
            using (var run = new LabRun(options, ReadWindow(parsed), Say, stop.Token)) report = UnlessStopped(run.Run, stop.Token);
            return Print(report, json, verbose, progress);
        }

        int RunLinks()
        {
            (LabLinksReport report, Exception? failure) = UnlessStopped(() => LabLinks.Run(options, links, Say, stop.Token), stop.Token);
            if (stop.Token.IsCancellationRequested) throw new CommandException(ExitCode.Negative, "interrupted");

            // One link alone fails as every command does; of several, each is reported, and the first failure decides the exit code.
            if (links.Length == 1 && failure is not null) ExceptionDispatchInfo.Throw(failure);
            if (links.Length == 1) return Print(report.Links[0], json, verbose, progress);
            progress.Dispose();
            if (json) BusbarJson.WriteLine(report, BusbarJson.Default.LabLinksReport);
            else LabReportText.Write(report, verbose);
            if (failure is not null) return FailureReport.Explain(failure).Code;
            return report.Ok ? ExitCode.Success : ExitCode.Negative;
        }

        void Say(string text)
        {
            lock (gate) progress.Show("lab: " + text);
        }
    }

    private static int Print(LabReport report, bool json, bool verbose, Progress progress)
    {
        progress.Dispose();
        if (json) BusbarJson.WriteLine(report, BusbarJson.Default.LabReport);
        else LabReportText.Write(report, verbose);
        return report.Ok ? ExitCode.Success : ExitCode.Negative;
    }

    // Ctrl-C reaches the endpoint, too, so anything may fail after it; none of that is news.
    private static T UnlessStopped<T>(Func<T> run, CancellationToken stop)
    {
        try
        {
            return run();
        }
        catch (Exception failure) when (stop.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Negative, "interrupted", failure);
        }
    }

    private int RunStory(ParseResult parsed)
    {
        Option[] foreign = [_links, _dialect, _window, _wait, _size, _sizes, _count, _quick, _seed, _eid, _noAssign, _timeout, _verbose];
        RefuseGiven(parsed, "a story of --vm has its own", foreign);
        return StoryTeller.Tell(parsed.GetValue(_story), parsed.GetValue(_json), parsed.GetValue(_logs));
    }

    private int RunTopology(ParseResult parsed, string file)
    {
        RefuseGiven(parsed, "a topology says that itself", _links, _dialect, _window, _wait, _size, _eid, _noAssign);
        var topology = Topology.Load(file);
        bool quick = parsed.GetValue(_quick);
        var options = new TopologyOptions
        {
            Sizes = IsGiven(parsed, _sizes) ? parsed.GetValue(_sizes)! : s_topologySizes,
            Count = IsGiven(parsed, _count) ? parsed.GetValue(_count) : quick ? 1 : TopologyCount,
            Patience = IsGiven(parsed, _timeout) ? parsed.GetValue(_timeout) : s_topologyPatience,
            Seed = parsed.GetValue(_seed),
            Stays = parsed.GetValue(_stay),
        };
        using var stop = new StopSignal();
        using var progress = new Progress();
        TopologyReport report;
        using (var run = new TopologyRun(topology, options, text => progress.Show("lab: " + text), stop.Token)) report = run.Run();
        progress.Dispose();
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.TopologyReport);
        else TopologyReportText.Write(report, parsed.GetValue(_verbose));
        return report.Ok ? ExitCode.Success : ExitCode.Negative;
    }

    private static void RefuseGiven(ParseResult parsed, string remedy, params Option[] options)
    {
        foreach (Option option in options)
        {
            if (IsGiven(parsed, option)) throw new CommandException(ExitCode.Usage, $"{option.Name}: {remedy}");
        }
    }

    private LabOptions ReadOptions(ParseResult parsed, int links)
    {
        if (links == 0) RefuseGiven(parsed, "it needs --link", _noAssign);
        else RefuseGiven(parsed, "say it in the LINK, or leave --link out", _dialect, _window, _wait, _size);
        bool quick = parsed.GetValue(_quick);
        Eid first = parsed.GetValue(_noAssign) ? Eid.Null : parsed.GetValue(_eid) ?? new Eid(FirstEid);
        if (first != Eid.Null && first.Value + links - 1 > LastEid)
            throw new CommandException(ExitCode.Usage, $"--eid {first}: there are not {links} EIDs from there to {LastEid}; use a smaller one");
        return new LabOptions
        {
            Sizes = parsed.GetValue(_sizes)!,
            Count = quick && !IsGiven(parsed, _count) ? QuickCount : parsed.GetValue(_count),
            SweepStep = quick ? QuickSweepStep : 1,
            RandomSizes = quick ? QuickRandomSizes : RandomSizes,
            Seed = parsed.GetValue(_seed),
            Assign = first,
            Patience = parsed.GetValue(_timeout),
        };
    }

    private LabWindowOptions ReadWindow(ParseResult parsed) => new()
    {
        Dialect = parsed.GetValue(_dialect) ?? MmbiDialect.V11,
        Window = parsed.GetValue(_window) ?? "ivshmem",
        Wait = parsed.GetValue(_wait),
        Size = parsed.GetValue(_size) ?? DefaultWindow,
    };

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
