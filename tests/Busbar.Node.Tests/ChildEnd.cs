// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Mmbi;

namespace Busbar.Node.Tests;

/// <summary>One end of a link in a process of its own; killed when disposed.</summary>
internal sealed class ChildEnd : IDisposable
{
    private readonly Process _process;

    private ChildEnd(Process process) => _process = process;

    public static ChildEnd Start(string link, MmbiRole role)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["child", link, role.ToString(), Environment.ProcessId.ToString()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        return new ChildEnd(Process.Start(start)!);
    }

    /// <summary>Waits until the child says that its link is up.</summary>
    public void AwaitUp()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(TimeSpan.FromSeconds(20)) || line.Result != "up") throw new TimeoutException("The child's link did not come up.");
    }

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
