// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;

namespace Busbar.Guest;

/// <summary>A running QEMU, which cannot outlive this process.</summary>
internal sealed class QemuProcess : IDisposable
{
    private static readonly TimeSpan s_probeLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<string, bool> s_endsWithParent = new();

    private readonly ManualResetEventSlim _started = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _keeper;
    private Process? _process;
    private Exception? _failure;

    private QemuProcess(ProcessStartInfo start)
    {
        // The kernel sends the parent-death signal when the thread ends that started the child; so that thread stays until the child ends.
        _keeper = new Thread(() => Keep(start)) { IsBackground = true, Name = "qemu" };
        _keeper.Start();
        _started.Wait();
    }

    public int Id => _process!.Id;

    public bool HasExited => _ended.IsSet;

    public int ExitCode => _process!.ExitCode;

    public Stream Output => _process!.StandardOutput.BaseStream;

    public Stream Error => _process!.StandardError.BaseStream;

    /// <summary>Whether a QEMU has <c>-run-with exit-with-parent</c> (10.2 or newer).</summary>
    /// <exception cref="GuestException">It does not start.</exception>
    public static bool EndsWithParent(string qemu) => s_endsWithParent.GetOrAdd(qemu, static program =>
    {
        try
        {
            var start = new ProcessStartInfo(program, ["-run-with", "help"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(s_probeLimit))
            {
                process.Kill();
                throw new GuestException(GuestError.StartFailed, $"{program} does not answer '-run-with help'");
            }

            return (output.Result + error.Result).Contains("exit-with-parent", StringComparison.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new GuestException(GuestError.StartFailed, $"{program} cannot be started: {failure.Message}", failure);
        }
    });

    /// <summary>Starts QEMU.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="endsWithParent">False: setpriv(1) arms the parent-death signal instead.</param>
    /// <exception cref="GuestException">It cannot be started.</exception>
    public static QemuProcess Start(string program, IEnumerable<string> arguments, bool endsWithParent)
    {
        var start = new ProcessStartInfo(endsWithParent ? program : "setpriv")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (!endsWithParent)
        {
            foreach (string word in (string[])["--pdeathsig", "KILL", program]) start.ArgumentList.Add(word);
        }

        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        var qemu = new QemuProcess(start);
        return qemu._failure is null
            ? qemu
            : throw new GuestException(GuestError.StartFailed, $"{start.FileName} cannot be started: {qemu._failure.Message}", qemu._failure);
    }

    public bool WaitForExit(TimeSpan limit) => _ended.Wait(limit);

    public void Kill()
    {
        if (_process is null || HasExited) return;
        _process.Kill();
        if (!_ended.Wait(s_killLimit)) throw new GuestException(GuestError.TimedOut, $"QEMU, process {Id}, outlived SIGKILL");
    }

    public void Dispose()
    {
        Kill();
        _keeper.Join(s_killLimit);
        _process?.Dispose();
        _started.Dispose();
        _ended.Dispose();
    }

    private void Keep(ProcessStartInfo start)
    {
        try
        {
            _process = Process.Start(start);
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or IOException)
        {
            _failure = failure;
        }

        _started.Set();
        _process?.WaitForExit();
        _ended.Set();
    }
}
