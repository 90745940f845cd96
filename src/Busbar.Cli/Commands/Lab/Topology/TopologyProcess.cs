// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Busbar.Daemon;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>One node of a topology as a process: a daemon or an endpoint. It ends with the lab.</summary>
internal sealed class TopologyProcess : IDisposable
{
    private const int LinesKept = 20;
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly Lock _lock = new();
    private readonly bool _isDaemon;

    private TopologyProcess(TopologyNode node, Process process)
    {
        Node = node;
        _process = process;
        _isDaemon = node.Kind != TopologyNodeKind.Endpoint;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public TopologyNode Node { get; }

    public int ProcessId => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>What it said last, for a failure report.</summary>
    public string LastWords
    {
        get
        {
            lock (_lock) return _lines.Count == 0 ? "it said nothing" : _lines.Last();
        }
    }

    /// <summary>Starts a node.</summary>
    public static TopologyProcess Start(TopologyNode node, string folder)
    {
        string parent = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        List<string> arguments;
        if (node.Kind == TopologyNodeKind.Endpoint)
        {
            arguments = ["endpoint", "--link", node.Above!.TextFor(folder, isOwner: false), "--uuid", node.Uuid.ToString("D"), "--stdin", "--json", "--parent", parent];
        }
        else
        {
            string file = Path.Combine(folder, $"{node.Name}.toml");
            File.WriteAllText(file, TopologyConfiguration.For(node, folder));
            arguments = ["daemon", "-c", file, "--parent", parent];
        }

        ProcessStartInfo start = OwnProgram.StartInfo(arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return new TopologyProcess(node, Process.Start(start) ?? throw new CommandException(ExitCode.MissingFacility, $"the process of '{node.Name}' could not be started"));
    }

    /// <summary>Asks for an orderly end.</summary>
    public void Stop()
    {
        if (_process.HasExited) return;
        if (_isDaemon)
        {
            Signals.Kill(_process.Id, Signal.Terminate);
            return;
        }

        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended in this moment; that is all that closing was for.
        }
    }

    /// <summary>Waits for the end of the process, and ends it the hard way when it does not come.</summary>
    /// <returns>Its exit code; null when it had to be killed.</returns>
    public int? WaitForExit()
    {
        if (_process.WaitForExit(s_exitLimit)) return _process.ExitCode;
        _process.Kill();
        _process.WaitForExit();
        return null;
    }

    public void Dispose()
    {
        Stop();
        WaitForExit();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKept) _lines.Dequeue();
        }
    }
}
