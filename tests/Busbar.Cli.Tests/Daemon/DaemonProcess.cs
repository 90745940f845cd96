// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Cli.Tests;

/// <summary>A real <c>busbar daemon</c>, unless told otherwise with an emulated bus of four endpoints at 0x20 to 0x23, of which we are the bus owner with EID 8.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private const string EmulatedBus =
        """
        [[link]]
        name = "bus0"
        role = "bus-owner"
        addresses = [8]
        emulate = { endpoints = 4, first_address = 0x20 }
        """;

    private readonly Place _place = new();
    private readonly Process _process;
    private readonly Task<string> _error;

    /// <summary>Starts it.</summary>
    /// <param name="links">The links of the configuration and what belongs to them; null for the emulated bus.</param>
    /// <param name="isReady">When the daemon is ready, by its links; null: when one has an EID.</param>
    public DaemonProcess(Func<Place, string>? links = null, Func<IReadOnlyList<LinkReport>, bool>? isReady = null)
    {
        string file = _place.File("busbar.toml");
        File.WriteAllText(
            file,
            $"""
            backend = "user"

            {links?.Invoke(_place) ?? EmulatedBus}

            [daemon]
            dbus = "none"
            mux = "busbar-test-{Environment.ProcessId}-{Path.GetFileName(_place.Folder)}"
            services = ["echo", "bench"]
            """);
        _process = BusbarProgram.Start(["daemon", "-c", file, "--socket", Socket], redirectInput: false);
        _error = _process.StandardError.ReadToEndAsync();
        WaitUntilReady(isReady ?? (reports => reports.Any(link => link.Eids.Count != 0)));
    }

    /// <summary>Its socket for clients.</summary>
    public string Socket => _place.Socket;

    /// <summary>A LINK on a file in its folder.</summary>
    public string Shm => _place.Shm();

    /// <summary>Runs a command that acts on it.</summary>
    public ProgramResult Run(string commandLine) => RunAs(null, commandLine);

    /// <summary>Runs the program by another name, on this daemon.</summary>
    public ProgramResult RunAs(string? name, string commandLine) =>
        BusbarProgram.Run(name, commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries), ("BUSBAR_SOCKET", Socket));

    /// <summary>Starts a command that acts on it.</summary>
    public Process Start(params string[] arguments) => BusbarProgram.Start(arguments, redirectInput: false, environment: ("BUSBAR_SOCKET", Socket));

    public void Dispose()
    {
        Signals.Kill(_process.Id, Signal.Terminate);
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20))) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _place.Dispose();
    }

    private void WaitUntilReady(Func<IReadOnlyList<LinkReport>, bool> isReady)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var daemon = RemoteAdministration.Connect(Socket);
                if (isReady(daemon.LinkReports())) return;
            }
            catch (MctpException) when (!_process.HasExited && Stopwatch.GetElapsedTime(start) < s_limit)
            {
                // Not yet.
            }

            if (_process.HasExited) throw new InvalidOperationException($"the daemon ended with {_process.ExitCode}: {_error.GetAwaiter().GetResult()}");
            if (Stopwatch.GetElapsedTime(start) > s_limit) throw new TimeoutException("the daemon does not become ready");
            _process.WaitForExit(TimeSpan.FromMilliseconds(20));
        }
    }
}
