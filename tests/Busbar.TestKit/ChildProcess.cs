// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;

namespace Busbar.TestKit;

/// <summary>The running test program, started a second time in a role of its own (<c>child ROLE …</c>); killed when disposed.</summary>
public sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan s_lineLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>The child's process id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a child.</summary>
    /// <param name="role">What it plays; the program's entry point knows the roles.</param>
    /// <param name="arguments">What the role takes.</param>
    public static ChildProcess Start(string role, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["child", role, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The next line of the child's output.</summary>
    /// <exception cref="TimeoutException">It says nothing.</exception>
    public string ReadLine()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(s_lineLimit)) throw new TimeoutException("The child said nothing.");
        return line.Result ?? throw new InvalidOperationException("The child ended early.");
    }

    /// <summary>Ends the child's input, which asks it to end in order.</summary>
    public void Finish() => _process.StandardInput.Close();

    /// <summary>Ends the child as nothing can prevent, and waits until it is gone.</summary>
    public void Kill()
    {
        Signals.Kill(_process.Id, Signal.Kill);
        if (!_process.WaitForExit(s_endLimit)) throw new TimeoutException("The child outlived SIGKILL.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}
