// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Busbar.Linux;
using Busbar.Node;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>A daemon's process, its signals, its exit code, and what it tells the service manager.</summary>
[Trait("speed", "slow")]
public sealed class DaemonSignalTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private const string Bus = """
        backend = "user"
        [daemon]
        dbus = "none"
        mux = ""
        [[link]]
        name = "bus0"
        emulate = { endpoints = 1 }
        addresses = [8]

        """;

    private readonly Place _place = new();
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;

    public DaemonSignalTests()
    {
        Assert.SkipWhen(SignalDisposition.IsIgnored(Signal.Hangup), "whoever started this ignores SIGHUP (nohup), and all its children do");
        _manager.Bind(new UnixDomainSocketEndPoint(_place.File("notify")));
        _manager.ReceiveTimeout = (int)s_limit.TotalMilliseconds;
    }

    private string Configuration => _place.File("busbar.toml");

    public void Dispose()
    {
        if (_process is { HasExited: false }) _process.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _manager.Dispose();
        _place.Dispose();
    }

    [Theory]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Interrupt)]
    public void End_BySignal_IsInOrderWithStatus0(Signal signal)
    {
        Start(Bus);
        Assert.StartsWith("READY=1\nSTATUS=1 link,", Hear(), StringComparison.Ordinal);

        Send(SignalDisposition.IsIgnored(signal) ? Signal.Terminate : signal);

        Assert.Equal(0, WaitForExit());
        Assert.Equal("STOPPING=1\nSTATUS=ending", Hear());
        Assert.Equal("busbar: ending", _lines.Last());
        Assert.False(File.Exists(_place.Socket), "the socket file is left");
    }

    [Fact]
    public void Status_WhenEndpointsAreFoundLater_IsToldAnew()
    {
        Start(Bus.Replace("endpoints = 1", "endpoints = 5", StringComparison.Ordinal) + "[bus-owner]\ndiscover = true\n");

        Assert.Contains("STATUS=1 link, 5 endpoints,", Hear(static said => said.Contains(" 5 endpoints", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void End_WhileTheDaemonStarts_IsInOrderWithStatus0()
    {
        // The other end of the link is missing, and is waited for at the start: the daemon is in the middle of it.
        for (int i = 0; i < 5; i++)
        {
            Start(Bus + $"[[link]]\nname = \"mmbi0\"\nlink = \"mmbi:shm:{_place.File("w")}\"\n");
            Await(() => SignalDisposition.IsCaught(_process!.Id, Signal.Hangup), "the handler of SIGHUP");
            _process!.WaitForExit(i * 150);

            Send(Signal.Terminate);

            Assert.True(WaitForExit() == 0, $"round {i}: status {_process.ExitCode}\n{string.Join('\n', _lines)}");
            Assert.DoesNotContain(_lines, line => line.Contains("   at ", StringComparison.Ordinal));
            Assert.False(File.Exists(_place.Socket), "the socket file is left");
            _process.Dispose();
            _process = null;
        }
    }

    [Fact]
    public void Hangup_WithAnotherFile_AppliesIt_AndKeepsItWhenTheNextIsBroken()
    {
        Start(Bus);
        Hear();

        Write(Bus.Replace("[8]", "[8, 9]", StringComparison.Ordinal));
        Send(Signal.Hangup);
        AssertReloaded();
        Assert.Equal([8, 9], Eids());
        Assert.Contains(_lines, line => line.Contains($"configuration '{Configuration}' read again: 1 link", StringComparison.Ordinal));

        Write(Bus + "nonsense = 1\n");
        Send(Signal.Hangup);
        AssertReloaded();
        Assert.Equal([8, 9], Eids());
        Await(() => _lines.Any(line => line.StartsWith($"busbar: error: the configuration stays as it was: {Configuration}:9:1:", StringComparison.Ordinal)), "the line that says where");

        File.Delete(Configuration);
        Send(Signal.Hangup);
        AssertReloaded();

        Send(Signal.Terminate);
        Assert.Equal(0, WaitForExit());
    }

    [Fact]
    public void Hangup_WhileTheFileIsBeingRead_HasItReadOnceMore()
    {
        Start(Bus);
        Hear();

        // The missing window keeps the first reading busy for a while; the line about the mode says that it has begun.
        Write(Bus.Replace("mux = \"\"", "mux = \"\"\nsocket_mode = \"0600\"", StringComparison.Ordinal) + $"[[link]]\nname = \"mmbi0\"\nlink = \"mmbi:shm:{_place.File("w")}\"\n");
        Send(Signal.Hangup);
        Await(() => _lines.Any(line => line.Contains("[daemon] changed", StringComparison.Ordinal)), "the first reading");
        Write(Bus.Replace("[8]", "[8, 20]", StringComparison.Ordinal));
        Send(Signal.Hangup);

        Await(() => Eids() is [8, 20], "the second reading");
        Assert.DoesNotContain(_lines, line => line.Contains("error", StringComparison.Ordinal));
    }

    [Fact]
    public void Hangup_WithAnotherLogLevel_LogsMore()
    {
        Start(Bus);
        Hear();
        Write(Bus.Replace("mux = \"\"", "mux = \"\"\nlog_level = \"debug\"", StringComparison.Ordinal).Replace("addresses", "scan = [\"0x50\"]\naddresses", StringComparison.Ordinal)
            + "[bus-owner]\ndiscover = true\n");

        Send(Signal.Hangup);

        // That nobody answers at an address is told to those only who look for mistakes.
        Await(() => _lines.Any(line => line.Contains("no endpoint was set up at '50'", StringComparison.Ordinal)), "a line of the lower level");
    }

    [Fact]
    public void Hangups_InACrowd_AndTerminateBetweenThem_EndWithStatus0()
    {
        Start(Bus);
        Hear();

        for (int i = 0; i < 200; i++) Send(Signal.Hangup);
        Send(Signal.Terminate);
        for (int i = 0; i < 200 && !_process!.HasExited; i++) Send(Signal.Hangup);

        Assert.True(WaitForExit() == 0, string.Join('\n', _lines));
    }

    private void AssertReloaded()
    {
        Assert.StartsWith("RELOADING=1\nMONOTONIC_USEC=", Hear(), StringComparison.Ordinal);
        Assert.StartsWith("READY=1\nSTATUS=1 link,", Hear(), StringComparison.Ordinal);
    }

    private void Write(string text) => File.WriteAllText(Configuration, text);

    private void Start(string text)
    {
        Write(text);
        _lines.Clear();
        _process = BusbarProgram.Start(
            ["daemon", "-c", Configuration, "--socket", _place.Socket], redirectInput: false, temporary: null, (ServiceManager.Variable, _place.File("notify")));
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text) _lines.Enqueue(text);
        };
        _process.BeginErrorReadLine();
    }

    private void Send(Signal signal) => Signals.Kill(_process!.Id, signal);

    // Waits for the end of its output, too.
    private int WaitForExit()
    {
        Assert.True(_process!.WaitForExit(s_limit), "the daemon does not end");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    // What the daemon says about its state; endpoints that come meanwhile only freshen the line.
    private string Hear() => Hear(static said => !said.StartsWith("STATUS=", StringComparison.Ordinal));

    private string Hear(Predicate<string> wanted)
    {
        byte[] buffer = new byte[1024];
        while (true)
        {
            string said = Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer));
            if (wanted(said)) return said;
        }
    }

    private int[] Eids()
    {
        using var daemon = RemoteAdministration.Connect(_place.Socket);
        return [.. daemon.LinkReports()[0].Eids];
    }

    private void Await(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < s_limit, $"{what} did not happen in time\n{string.Join('\n', _lines)}");
            _process!.WaitForExit(10);
        }
    }
}
