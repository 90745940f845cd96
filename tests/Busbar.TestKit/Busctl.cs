// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;

namespace Busbar.TestKit;

/// <summary>busctl, a client of D-Bus that knows nothing of us.</summary>
public static class Busctl
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>Runs busctl to its end.</summary>
    /// <param name="address">The bus.</param>
    /// <param name="arguments">What it is to do.</param>
    /// <returns>Its status and what it said.</returns>
    public static Task<BusctlResult> RunAsync(string address, params string[] arguments) => RunProgramAsync(DbusTool.Busctl, [$"--address={address}", .. arguments]);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Its status and what it said.</returns>
    public static async Task<BusctlResult> RunProgramAsync(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException late)
        {
            Signals.Kill(process.Id, Signal.Kill);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end.", late);
        }

        return new BusctlResult(process.ExitCode, (await output.ConfigureAwait(false)).Trim(), (await errors.ConfigureAwait(false)).Trim());
    }
}
