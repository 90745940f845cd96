// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.BlackBox;

/// <summary>Where dbus-daemon and busctl are: of the system, or fetched into the project's cache.</summary>
internal static class BusTools
{
    private static readonly Lazy<string> s_folder = new(Find);

    public static string Daemon => Path.Combine(s_folder.Value, "dbus-daemon");

    public static string Client => Path.Combine(s_folder.Value, "busctl");

    private static string Find()
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (File.Exists(Path.Combine(folder, "dbus-daemon")) && File.Exists(Path.Combine(folder, "busctl"))) return folder;
        }

        return Fetch();
    }

    private static string Fetch()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Busbar.slnx"))) root = Path.GetDirectoryName(root.TrimEnd('/'));
        if (root is null) throw new InvalidOperationException("dbus-daemon and busctl are missing, and eng/dbus/fetch-dbus is not there; install the packages dbus-daemon and systemd");
        var start = new ProcessStartInfo(Path.Combine(root, "eng/dbus/fetch-dbus")) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process fetch = Process.Start(start)!;
        Task<string> errors = fetch.StandardError.ReadToEndAsync();
        string folder = fetch.StandardOutput.ReadToEnd().Trim();
        fetch.WaitForExit();
        return fetch.ExitCode == 0
            ? folder
            : throw new InvalidOperationException($"dbus-daemon and busctl are missing (packages dbus-daemon and systemd) and cannot be fetched: {errors.Result.Trim()}");
    }
}
