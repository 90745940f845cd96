// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>A program of a story that runs on this machine: this program again, as a process of its own.</summary>
internal sealed class HostProgram : StoryProgram
{
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Task<string> _complaints;

    public HostProgram(IReadOnlyList<string> arguments, Action<string> show)
        : base(show)
    {
        Name = "busbar " + string.Join(' ', arguments);
        ProcessStartInfo start = OwnProgram.StartInfo(arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new CommandException(ExitCode.MissingFacility, $"'{Name}' could not be started");
        _complaints = _process.StandardError.ReadToEndAsync();
        StartReading();
    }

    public override string Name { get; }

    public override void Command(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException gone)
        {
            throw new CommandException(ExitCode.PeerError, $"'{Name}' is gone and cannot be told '{line}'", gone);
        }
    }

    public override void Signal(Signal signal) => Signals.Kill(_process.Id, signal);

    public override int WaitForExit(TimeSpan limit) =>
        _process.WaitForExit(limit) ? _process.ExitCode : throw new CommandException(ExitCode.Unreachable, $"'{Name}' did not end within {limit.TotalSeconds:0} s");

    public override void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal(Linux.Signal.Terminate);
            if (!_process.WaitForExit(s_exitLimit)) _process.Kill();
            _process.WaitForExit();
        }

        base.Dispose();
        _process.Dispose();
    }

    protected override string? ReadLine() => _process.StandardOutput.ReadLine();

    protected override string LastWords() =>
        _complaints.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it said nothing";
}
