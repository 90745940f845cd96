// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.TestKit;

/// <summary>Programs of D-Bus that tests need on the machine.</summary>
public static class DbusTool
{
    /// <summary>The path of dbus-daemon.</summary>
    public static string Daemon => Find("dbus-daemon", "dbus-daemon");

    /// <summary>The path of busctl.</summary>
    public static string Busctl => Find("busctl", "systemd");

    private static string Find(string program, string package)
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/bin", "/bin"]);
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? Path.Combine(Fetch(program, package), program);
    }

    // Fetched packages lie in the project's cache, and nothing is installed.
    private static string Fetch(string program, string package)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "eng", "dbus", "fetch-dbus"))) root = root.Parent;
        string remedy = $"This test needs {program}: install the package {package} (Debian: apt install {package})";
        if (root is null) throw new InvalidOperationException(remedy + ".");
        var start = new ProcessStartInfo(Path.Combine(root.FullName, "eng", "dbus", "fetch-dbus")) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using Process fetch = Process.Start(start)!;
        Task<string> errors = fetch.StandardError.ReadToEndAsync();
        string folder = fetch.StandardOutput.ReadToEnd().Trim();
        fetch.WaitForExit();
        return fetch.ExitCode == 0 ? folder : throw new InvalidOperationException($"{remedy}; fetching it failed: {errors.Result.Trim()}");
    }
}
