// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Guest;

namespace Busbar.Cli;

/// <summary>Sees to it that there is something to boot.</summary>
internal static class GuestPreparation
{
    private const string Script = "eng/vm/prepare";

    private static readonly string[] s_variables = ["BUSBAR_QEMU", "BUSBAR_VM_KERNEL", "BUSBAR_VM_INITRAMFS"];

    /// <summary>
    /// Unless the environment names all files, runs the source tree's eng/vm/prepare, which fetches and builds what is missing or older than the
    /// sources and tells on stderr what it does.
    /// </summary>
    /// <exception cref="CommandException">Exit code 5: something is missing; the line says what, and how to get it.</exception>
    public static void Run(CancellationToken stop)
    {
        bool isNamed = s_variables.All(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));
        if (!isNamed && FindScript() is { } script) Prepare(script, stop);
        if (!GuestImage.TryLocate(out _, out string? missing)) throw new CommandException(ExitCode.MissingFacility, missing);
    }

    private static string? FindScript()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string script = Path.Combine(folder.FullName, Script);
            if (File.Exists(script)) return script;
        }

        return null;
    }

    private static void Prepare(string script, CancellationToken stop)
    {
        // Its stderr is ours: it says what it is doing, and why it cannot.
        var start = new ProcessStartInfo(script) { RedirectStandardOutput = true, UseShellExecute = false };
        using Process process = Process.Start(start) ?? throw new CommandException(ExitCode.MissingFacility, $"{script} could not be started");
        using CancellationTokenRegistration registration = stop.Register(() => process.Kill(entireProcessTree: true));
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        stop.ThrowIfCancellationRequested();
        if (process.ExitCode != 0) throw new CommandException(ExitCode.MissingFacility, $"there is no guest to boot: {Script} ended with {process.ExitCode}; it says why above");
    }
}
