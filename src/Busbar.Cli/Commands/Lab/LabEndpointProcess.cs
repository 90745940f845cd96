// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Busbar.Cli;

/// <summary>
/// The second process of the lab: a real <c>busbar endpoint</c>, driven over its stdin. It ends with its stdin and with this process, whichever is
/// first, so it cannot outlive the lab.
/// </summary>
internal sealed class LabEndpointProcess : IDisposable
{
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly BlockingCollection<EventLine> _events = [];
    private readonly Thread _reader;
    private readonly Task<string> _complaints;

    private LabEndpointProcess(Process process)
    {
        _process = process;
        _complaints = process.StandardError.ReadToEndAsync();
        _reader = new Thread(Read) { IsBackground = true, Name = "endpoint events" };
        _reader.Start();
    }

    public int ProcessId => _process.Id;

    /// <summary>Starts an endpoint on a link.</summary>
    public static LabEndpointProcess Start(string link)
    {
        ProcessStartInfo start = OwnProgram.StartInfo(["endpoint", "--link", link, "--stdin", "--parent", $"{Environment.ProcessId}", "--json"]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return new LabEndpointProcess(Process.Start(start) ?? throw new CommandException(ExitCode.MissingFacility, "the endpoint's process could not be started"));
    }

    /// <summary>Sends one command.</summary>
    public void Command(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException gone)
        {
            throw new CommandException(ExitCode.PeerError, $"the endpoint's process is gone and cannot be told '{line}'", gone);
        }
    }

    /// <summary>Waits for one of some events and passes over others.</summary>
    /// <exception cref="CommandException">Exit code 3 when it does not come in time, 4 when the endpoint ends or refuses instead.</exception>
    public EventLine Expect(string wanted, TimeSpan limit)
    {
        long deadline = Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
            if (left <= TimeSpan.Zero || !_events.TryTake(out EventLine? line, left))
            {
                throw _events.IsCompleted
                    ? WhyEnded(wanted)
                    : new CommandException(ExitCode.Unreachable, $"the endpoint did not report '{wanted}' within {limit.TotalSeconds:0} s");
            }

            if (line.Event == wanted) return line;
            if (line.Event == "error") throw new CommandException(ExitCode.PeerError, $"the endpoint refuses: {line.Message}");
        }
    }

    /// <summary>Waits for the end of the process, and ends it the hard way when it does not come.</summary>
    /// <returns>Its exit code; -1 when it had to be killed.</returns>
    public int WaitForExit()
    {
        if (_process.WaitForExit(s_exitLimit)) return _process.ExitCode;
        _process.Kill();
        _process.WaitForExit();
        return -1;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            CloseInput();
            WaitForExit();
        }

        _reader.Join(s_exitLimit);
        _events.Dispose();
        _process.Dispose();
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended in this moment; that is all that closing was for.
        }
    }

    // What the endpoint said last is the reason, and its exit code ours: the user knows only one command.
    private CommandException WhyEnded(string wanted)
    {
        int code = WaitForExit();
        string reason = _complaints.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"exit code {code}";
        const string Prefix = "busbar: ";
        if (reason.StartsWith(Prefix, StringComparison.Ordinal)) reason = reason[Prefix.Length..];
        bool isKnown = code is ExitCode.Usage or ExitCode.Unreachable or ExitCode.MissingFacility;
        return new CommandException(isKnown ? code : ExitCode.PeerError, $"the endpoint's process ended instead of reporting '{wanted}': {reason}");
    }

    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } text)
        {
            if (JsonSerializer.Deserialize(text, BusbarJson.Default.EventLine) is { } line) _events.Add(line);
        }

        _events.CompleteAdding();
    }
}
