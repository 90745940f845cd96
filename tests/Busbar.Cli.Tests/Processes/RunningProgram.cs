// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Busbar.Linux;

namespace Busbar.Cli.Tests;

/// <summary>A long-running command with its events, which it prints as JSON lines.</summary>
internal sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly BlockingCollection<JsonElement> _events = [];
    private readonly Task<string> _error;
    private readonly Thread _reader;

    private RunningProgram(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    public int ProcessId => _process.Id;

    /// <summary>Starts a command; --json is added.</summary>
    public static RunningProgram Start(params string[] arguments) => new(BusbarProgram.Start([.. arguments, "--json"], redirectInput: true));

    /// <summary>Starts an endpoint with --stdin and waits until it is ready.</summary>
    public static RunningProgram StartEndpoint(string link, params string[] more)
    {
        RunningProgram endpoint = Start(["endpoint", "--link", link, "--stdin", .. more]);
        endpoint.Expect("ready");
        return endpoint;
    }

    public void Command(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Ends the command's stdin.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Waits for an event and passes over others.</summary>
    public JsonElement Expect(string wanted)
    {
        long start = Stopwatch.GetTimestamp();
        var seen = new List<string>();
        while (_events.TryTake(out JsonElement line, s_limit))
        {
            string name = line.GetProperty("event").GetString()!;
            if (name == wanted) return line;
            seen.Add(line.ToString());
            if (Stopwatch.GetElapsedTime(start) > s_limit) break;
        }

        string why = _process.HasExited ? $"the process ended with {_process.ExitCode}: {_error.GetAwaiter().GetResult()}" : "it is still running";
        throw new TimeoutException($"no '{wanted}' event; {why}; seen: {string.Join(" | ", seen)}");
    }

    /// <summary>Waits for events that different threads of the program print, so in any order; the answer holds them by name.</summary>
    public Dictionary<string, JsonElement> ExpectInAnyOrder(params string[] wanted)
    {
        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        while (found.Count < wanted.Length)
        {
            if (!_events.TryTake(out JsonElement line, s_limit)) throw new TimeoutException($"of '{string.Join("', '", wanted)}' only '{string.Join("', '", found.Keys)}' came");
            string name = line.GetProperty("event").GetString()!;
            if (wanted.Contains(name)) found.TryAdd(name, line);
        }

        return found;
    }

    public void Signal(Signal signal) => Signals.Kill(ProcessId, signal);

    /// <summary>Kills with SIGKILL and waits for the end.</summary>
    public void KillHard()
    {
        Signal(Linux.Signal.Kill);
        _process.WaitForExit();
    }

    /// <summary>Takes the events that are left, up to the end of a process that has gone.</summary>
    /// <returns>False when a line is none.</returns>
    public bool ReadToEnd()
    {
        while (_events.TryTake(out _, s_limit))
        {
        }

        return _events.IsCompleted;
    }

    public ProgramResult WaitForExit()
    {
        // What it printed last may still be on its way when it has gone.
        if (!_process.WaitForExit(s_limit) || !_reader.Join(s_limit)) throw new TimeoutException("the process does not end");
        return new ProgramResult(_process.ExitCode, string.Join('\n', _events.Select(line => line.ToString())), _error.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } text) _events.Add(JsonDocument.Parse(text).RootElement);
        _events.CompleteAdding();
    }
}
