// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;

namespace Busbar.Pci.Tests;

/// <summary>This test program, started a second time in one of the <see cref="ChildRoles"/>; killed when disposed.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public static ChildProcess Start(string role, params string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["child", role, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The next line of the child's output.</summary>
    public string ReadLine()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(TimeSpan.FromSeconds(20))) throw new TimeoutException("The child said nothing.");
        return line.Result ?? throw new InvalidOperationException("The child ended early.");
    }

    /// <summary>Ends the child's input, which asks it to end in order.</summary>
    public void Finish() => _process.StandardInput.Close();

    /// <summary>Ends the child as nothing can prevent, and waits until it is gone.</summary>
    public void Kill()
    {
        Signals.Kill(_process.Id, Signal.Kill);
        if (!_process.WaitForExit(10_000)) throw new TimeoutException("The child outlived SIGKILL.");
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}
