// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Busbar.Guest;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>
/// What a story plays on: starts guests and programs, shows what they say, times the steps, collects the report, and ends everything that it
/// started when it is disposed. One thread tells the story.
/// </summary>
internal sealed class StoryStage : IDisposable
{
    private static readonly TimeSpan s_bootLimit = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan s_commandLimit = TimeSpan.FromSeconds(120);

    private readonly IStoryView _view;
    private readonly string? _logs;
    private readonly Lock _gate = new();
    private readonly Stack<IDisposable> _props = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("busbar-vm-");
    private readonly CancellationTokenRegistration _registration;
    private readonly List<StoryStep> _steps = [];
    private readonly List<LabReport> _links = [];
    private readonly Dictionary<string, double> _measures = new(StringComparer.Ordinal);
    private int _boots;

    /// <param name="view">Where to show it.</param>
    /// <param name="logs">Folder for the guests' consoles; null to keep none.</param>
    /// <param name="stop">Ends everything at once; whatever the story waits for then fails.</param>
    public StoryStage(IStoryView view, string? logs, CancellationToken stop)
    {
        (_view, _logs, Stop) = (view, logs, stop);
        _registration = stop.Register(EndAll);
    }

    /// <summary>Cancelled when the user wants no more.</summary>
    public CancellationToken Stop { get; }

    public IReadOnlyList<StoryStep> Steps => _steps;

    public IReadOnlyList<LabReport> Links => _links;

    public IReadOnlyDictionary<string, double> Measures => _measures;

    /// <summary>Messages that went there and back with every byte right, in all steps together.</summary>
    public long Messages { get; private set; }

    /// <summary>A path in the story's own folder, which is removed at the end.</summary>
    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>One step: shown, timed, reported.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="action">Does it; returns what is worth telling, or null. Throws when it does not go as it should.</param>
    public void Step(string name, Func<string?> action)
    {
        Stop.ThrowIfCancellationRequested();
        _view.Begin(name);
        long start = Stopwatch.GetTimestamp();
        try
        {
            End(true, action());
        }
        catch (Exception failure)
        {
            End(false, Stop.IsCancellationRequested ? "interrupted" : FailureReport.Explain(failure).Line);
            throw;
        }

        void End(bool ok, string? detail)
        {
            var step = new StoryStep(name, ok, Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3), detail);
            _steps.Add(step);
            _view.End(step);
        }
    }

    /// <summary>Counts messages that went there and back with every byte right.</summary>
    /// <param name="intact">How many.</param>
    public void CountMessages(long intact) => Messages += intact;

    /// <summary>Keeps a time for the report.</summary>
    public void Measure(string name, TimeSpan value) => _measures[name + "_ms"] = Math.Round(value.TotalMilliseconds, 1);

    /// <summary>Boots guests, all at the same time.</summary>
    /// <param name="guests">Who each of them is, and what it is like.</param>
    public GuestMachine[] Boot(params (string Who, GuestOptions Options)[] guests)
    {
        var machines = new GuestMachine?[guests.Length];
        var failures = new Exception?[guests.Length];
        Thread[] threads = [.. guests.Select((_, i) => new Thread(() => BootOne(i)) { IsBackground = true, Name = $"boot {i}" })];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (failures.FirstOrDefault(failure => failure is not null) is { } first) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        return machines!;

        void BootOne(int i)
        {
            (string who, GuestOptions options) = guests[i];
            long start = Stopwatch.GetTimestamp();
            try
            {
                GuestMachine guest = GuestMachine.Start(options with { Name = $"guest-{who.ToLowerInvariant()}", ConsoleLogPath = LogPath(who) }, s_bootLimit, Stop);
                machines[i] = Keep(guest);
                string kernel = guest.Run("uname -sr", s_commandLimit).Check().Output.Trim();
                _view.Line(who, $"{kernel} is up after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
            }
            catch (Exception failure)
            {
                failures[i] = failure;
            }
        }
    }

    /// <summary>Runs a command in a guest, and shows it with what it prints.</summary>
    /// <returns>How it ended; not checked.</returns>
    public GuestResult Run(GuestMachine guest, string who, string command, TimeSpan? limit = null)
    {
        _view.Line(who, "# " + command);
        GuestResult result = guest.Run(command, limit ?? s_commandLimit);
        foreach (string line in (result.Output + result.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith('{')) _view.Line(who, line);
        }

        return result;
    }

    /// <summary>Starts a busbar command that goes on, in a guest; <c>--json</c> is added.</summary>
    public StoryProgram Start(GuestMachine guest, string who, string arguments)
    {
        _view.Line(who, $"# busbar {arguments}");
        return Keep(new GuestProgram(guest, $"busbar {arguments} --json", text => _view.Line(who, text)));
    }

    /// <summary>Starts a busbar command that goes on, on this machine; <c>--json</c> is added.</summary>
    public StoryProgram Start(string who, params string[] arguments)
    {
        _view.Line(who, $"# busbar {string.Join(' ', arguments)}");
        return Keep(new HostProgram([.. arguments, "--json"], text => _view.Line(who, text)));
    }

    /// <summary>Runs <c>busbar lab --link</c> in a guest and takes its report over.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="who">The guest's letter.</param>
    /// <param name="links">The links, exercised at once.</param>
    /// <param name="more">Further arguments.</param>
    /// <param name="limit">How long it may take.</param>
    /// <returns>What is worth telling.</returns>
    /// <exception cref="CommandException">The verdict is negative.</exception>
    public string Exercise(GuestMachine guest, string who, IReadOnlyList<string> links, string more, TimeSpan limit)
    {
        string command = $"busbar lab {string.Join(' ', links.Select(link => "--link " + link))} {more}";
        _view.Line(who, "# " + command);
        GuestResult result = guest.Run(command + " --json", limit);
        if (result.Output.Length == 0) throw new CommandException(ExitCode.Negative, $"'{command}': {result.Error.Trim()}");
        IReadOnlyList<LabReport> reports = links.Count == 1
            ? [JsonSerializer.Deserialize(result.Output, BusbarJson.Default.LabReport)!]
            : JsonSerializer.Deserialize(result.Output, BusbarJson.Default.LabLinksReport)!.Links;
        _links.AddRange(reports);
        foreach (LabReport report in reports) Show(who, report);
        string[] failures = [.. reports.SelectMany(report => report.Failures)];
        if (failures.Length != 0 || result.ExitCode != ExitCode.Success)
            throw new CommandException(ExitCode.Negative, $"'{command}' ended with {result.ExitCode}: {string.Join("; ", failures)}");
        CountMessages(reports.Sum(LabReportText.Messages));
        return $"{reports.Sum(LabReportText.Messages)} messages there and back, every byte right";
    }

    public void Dispose()
    {
        _registration.Dispose();
        while (true)
        {
            IDisposable? prop;
            lock (_gate)
            {
                if (!_props.TryPop(out prop)) break;
            }

            prop.Dispose();
        }

        try
        {
            _folder.Delete(recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody cleaned up before us.
        }
    }

    private T Keep<T>(T prop)
        where T : IDisposable
    {
        lock (_gate) _props.Push(prop);
        return prop;
    }

    private string? LogPath(string who) => _logs is null ? null : Path.Combine(_logs, $"guest-{who.ToLowerInvariant()}-{Interlocked.Increment(ref _boots)}.log");

    // Their end wakes whoever waits for something in them.
    private void EndAll()
    {
        lock (_gate)
        {
            foreach (GuestMachine guest in _props.OfType<GuestMachine>()) guest.Kill();
            foreach (HostProgram program in _props.OfType<HostProgram>()) program.Signal(Signal.Terminate);
        }
    }

    private void Show(string who, LabReport report)
    {
        _view.Line(who, $"{report.Link.Name}: {report.Link.State}, dialect {report.Dialect}, MTU {report.Link.Mtu}");
        if (report.Endpoint is { } endpoint) _view.Line(who, $"EID {endpoint.Eid}, UUID {endpoint.Uuid}");
        foreach (LabEcho row in report.Echo) _view.Line(who, $"echo {row.Size}: {row.Ok}/{row.Count}, p50 {row.P50Us:0} us");
        if (report.Sweep is { } sweep) _view.Line(who, $"sizes {sweep.Smallest}..{sweep.Largest}: {sweep.Ok}/{sweep.Count}");
        if (report.Random is { } random) _view.Line(who, $"random sizes: {random.Ok}/{random.Count}");
        foreach (LabReset reset in report.Resets) _view.Line(who, $"reset by the {reset.By}: up again after {reset.RecoveredMs:0} ms");
    }
}
