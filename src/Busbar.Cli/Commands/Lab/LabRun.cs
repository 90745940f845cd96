// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>One run of the lab with an endpoint of its own: this process is the host and bus owner, a second one the endpoint.</summary>
internal sealed class LabRun : IDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stepLimit = TimeSpan.FromSeconds(5);

    private readonly LabOptions _options;
    private readonly LabWindowOptions _windowOptions;
    private readonly Action<string> _say;
    private readonly CancellationToken _stop;
    private readonly LabWindow _window;
    private LabEndpointProcess? _process;

    public LabRun(LabOptions options, LabWindowOptions window, Action<string> say, CancellationToken stop)
    {
        (_options, _windowOptions, _say, _stop) = (options, window, say, stop);
        _window = new LabWindow(window);
    }

    public LabReport Run()
    {
        long started = Stopwatch.GetTimestamp();
        _say("starting the endpoint");
        _process = LabEndpointProcess.Start(_window.EndpointLink);
        _process.Expect("ready", s_startLimit);
        if (!LinkSpecParser.TryParse(_window.OwnLink, out LinkSpec? spec, out string? error)) throw new CommandException(ExitCode.Internal, error);
        LabReport report;
        CounterReport? other;
        using (var host = new LabHost(_options, spec, _process, _say, _stop))
        {
            report = host.Run();
            _process.Command("stats");
            other = _process.Expect("stats", s_stepLimit).Counters;
            _say("taking the link down");
        }

        // The host has left; now the endpoint is asked to end. Both ways out must be in order.
        _process.Command("quit");
        int exitCode = _process.WaitForExit();
        var failures = new List<string>(report.Failures);
        if (exitCode != ExitCode.Success) failures.Add($"the endpoint ended with exit code {exitCode}");
        if (report.Dialect != _windowOptions.Dialect.Name)
            failures.Add($"the dialect was recognised as {report.Dialect} instead of {_windowOptions.Dialect.Name}");
        return report with
        {
            Ok = failures.Count == 0,
            EndpointExitCode = exitCode,
            ElapsedS = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3),
            Failures = failures,
            Counters = new LabCounters(report.Counters!.Lab, other),
        };
    }

    public void Dispose()
    {
        _process?.Dispose();
        _window.Dispose();
    }
}
