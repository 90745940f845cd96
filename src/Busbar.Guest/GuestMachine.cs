// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Busbar.Guest;

/// <summary>
/// A virtual machine under QEMU's emulation with our agent in it. All members are safe for several threads; every wait has a limit; whatever
/// the guest says is bounded and checked. The QEMU ends with this object, at the latest with this process.
/// </summary>
public sealed class GuestMachine : IDisposable
{
    private const int MostQuoted = 3000;
    private const int MostLastWords = 3;

    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_lastMoment = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_sendLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_fileLimit = TimeSpan.FromSeconds(60);

    private readonly string _name;
    private readonly DirectoryInfo _folder;
    private readonly ConsoleLog _console;
    private QemuProcess? _qemu;
    private QemuMonitor? _monitor;
    private AgentConnection? _agent;

    private GuestMachine(GuestOptions options)
    {
        _name = options.Name;

        // Short on purpose: the path of a UNIX socket has 107 bytes at most. Mode 0700.
        _folder = Directory.CreateTempSubdirectory("busbar-vm-");
        _console = new ConsoleLog(options.ConsoleLogPath ?? Path.Combine(_folder.FullName, "console.log"));
    }

    /// <summary>Process id of its QEMU.</summary>
    public int ProcessId => _qemu!.Id;

    /// <summary>Whether its QEMU has ended.</summary>
    public bool HasExited => _qemu!.HasExited;

    /// <summary>The file with what the guest's console and QEMU itself printed, at most 32 MiB.</summary>
    public string ConsoleLogPath => _console.Path;

    /// <summary>QEMU's monitor, for what a command line cannot do: <c>device_add</c>, <c>system_reset</c>.</summary>
    public QemuMonitor Monitor => _monitor!;

    /// <summary>Bytes from the guest's agent that were not of its protocol.</summary>
    public long SkippedBytes => _agent!.SkippedBytes;

    /// <summary>Messages of the guest's agent about commands that do not run, or with contents that make no sense.</summary>
    public long StrayFrames => _agent!.StrayFrames;

    /// <summary>Boots a guest and waits for its agent.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <param name="limit">How long it may take; 4 s is usual on two idle processors, 60 s a good limit.</param>
    /// <param name="stop">Gives up at once when cancelled.</param>
    /// <returns>The guest; dispose it.</returns>
    /// <exception cref="GuestException">Something is missing, or it does not come up; the message holds the end of the console.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing is left of the guest.</exception>
    public static GuestMachine Start(GuestOptions options, TimeSpan limit, CancellationToken stop = default)
    {
        GuestImage image = options.Image ?? GuestImage.Locate();
        var guest = new GuestMachine(options);
        try
        {
            guest.Boot(options, image, new Deadline(limit), stop);
            return guest;
        }
        catch
        {
            guest.Dispose();
            throw;
        }
    }

    /// <summary>Starts a command in the guest.</summary>
    /// <param name="command">A line for its <c>/bin/sh</c> (busybox), at most 32 KiB.</param>
    /// <returns>The running command; it ends with the guest, or when told.</returns>
    /// <exception cref="GuestException">The guest is gone.</exception>
    public GuestProcess StartProcess(string command) => _agent!.Start(command);

    /// <summary>Runs a command in the guest without input, and waits for its end.</summary>
    /// <param name="command">A line for its <c>/bin/sh</c> (busybox), at most 32 KiB.</param>
    /// <param name="limit">How long it may take; behind it the command is killed.</param>
    /// <returns>How it ended, whatever its exit code; <see cref="GuestResult.Check"/> demands 0.</returns>
    /// <exception cref="GuestException">It did not end in time, or the guest is gone.</exception>
    public GuestResult Run(string command, TimeSpan limit)
    {
        GuestProcess process = StartProcess(command);
        process.CloseInput();
        return Finish(process, limit);
    }

    /// <summary>Brings a file out of the guest.</summary>
    /// <param name="path">Its path in the guest.</param>
    /// <returns>Its bytes, at most <see cref="GuestProcess.MostOutput"/>.</returns>
    /// <exception cref="GuestException">It cannot be read, or is too long.</exception>
    public byte[] Fetch(string path) => Run($"cat {Quote(path)}", s_fileLimit).Check().OutputBytes.ToArray();

    /// <summary>Puts a file into the guest; the folder exists.</summary>
    /// <param name="path">Its path in the guest.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <exception cref="GuestException">It cannot be written.</exception>
    public void Store(string path, ReadOnlySpan<byte> bytes)
    {
        var deadline = new Deadline(s_fileLimit);
        GuestProcess process = StartProcess($"cat >{Quote(path)}");
        process.Write(bytes, deadline.Left);
        process.CloseInput();
        Finish(process, deadline.Left).Check();
    }

    /// <summary>Waits for the end of its QEMU, after a power-off for instance.</summary>
    /// <param name="limit">How long.</param>
    /// <returns>False when it still runs.</returns>
    public bool WaitForExit(TimeSpan limit) => _qemu!.WaitForExit(limit);

    /// <summary>Tells what became of its QEMU, and what that or the guest's console said last; for messages. Waits a moment for a QEMU that is just ending.</summary>
    /// <returns>One line.</returns>
    public string Obituary()
    {
        bool hasEnded = _qemu!.WaitForExit(s_lastMoment);
        if (hasEnded) _console.Finish();
        string[] words = [.. _console.Tail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(MostLastWords)];
        string end = hasEnded ? $"ended with {_qemu.ExitCode}" : "still runs";
        return $"QEMU of {_name} {end}; {(words.Length == 0 ? "the console is empty" : $"the console ends: {string.Join(" / ", words)}")}";
    }

    /// <summary>Ends QEMU at once, like a power failure.</summary>
    public void Kill() => _qemu?.Kill();

    /// <inheritdoc/>
    public void Dispose()
    {
        _qemu?.Kill();
        _agent?.Dispose();
        _monitor?.Dispose();
        _console.Dispose();
        _qemu?.Dispose();
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // Somebody else removed the folder, or put something in; neither is worth a failure here.
        }
    }

    // Within single quotes a shell changes nothing but the quote itself.
    private static string Quote(string path) => $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static GuestResult Finish(GuestProcess process, TimeSpan limit)
    {
        try
        {
            return process.WaitForExit(limit);
        }
        catch (GuestException late) when (late.Error == GuestError.TimedOut)
        {
            process.Kill();
            throw;
        }
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(1);
        return socket;
    }

    private void Boot(GuestOptions options, GuestImage image, Deadline deadline, CancellationToken stop)
    {
        string agentPath = Path.Combine(_folder.FullName, "agent");
        string monitorPath = Path.Combine(_folder.FullName, "monitor");
        using Socket agentListener = Listen(agentPath);
        using Socket monitorListener = Listen(monitorPath);
        bool endsWithParent = QemuProcess.EndsWithParent(image.Qemu);
        _qemu = QemuProcess.Start(image.Qemu, QemuCommandLine.Build(options, image, agentPath, monitorPath, endsWithParent), endsWithParent);
        _console.Drain(_qemu.Output);
        _console.Drain(_qemu.Error);

        Socket agent = Accept(agentListener, deadline, stop);
        agent.SendTimeout = (int)s_sendLimit.TotalMilliseconds;
        _agent = new AgentConnection(new NetworkStream(agent, ownsSocket: true), Obituary);
        Socket monitor = Accept(monitorListener, deadline, stop);
        try
        {
            _monitor = QemuMonitor.Open(monitor, deadline.Left);
            while (!_agent.WaitForAgent(Min(deadline.Left, s_slice))) ThrowIfHopeless(deadline, "its agent did not answer", stop);
        }
        catch (GuestException ended) when (ended.Error == GuestError.Ended && _qemu.WaitForExit(s_lastMoment))
        {
            // Its sockets close a moment before QEMU is gone; the reason is what it said.
            throw StartFailed();
        }
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private Socket Accept(Socket listener, Deadline deadline, CancellationToken stop)
    {
        while (!listener.Poll(s_slice, SelectMode.SelectRead)) ThrowIfHopeless(deadline, "QEMU did not connect", stop);
        return listener.Accept();
    }

    private void ThrowIfHopeless(Deadline deadline, string whatNot, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (_qemu!.HasExited) throw StartFailed();
        if (deadline.IsOver) throw new GuestException(GuestError.TimedOut, $"{_name}: {whatNot} in time; {QuoteConsole()}");
    }

    private GuestException StartFailed()
    {
        _console.Finish();
        return new GuestException(GuestError.StartFailed, $"{_name}: QEMU ended with {_qemu!.ExitCode} while starting; {QuoteConsole()}");
    }

    private string QuoteConsole()
    {
        string tail = _console.Tail.Trim();
        return tail.Length == 0 ? "the console is empty" : $"the console says: {(tail.Length <= MostQuoted ? tail : "..." + tail[^MostQuoted..])}";
    }
}
