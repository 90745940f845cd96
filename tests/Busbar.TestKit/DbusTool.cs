// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.TestKit;

/// <summary>Programs of D-Bus that tests need: the machine's own, or else those that eng/dbus/fetch-dbus brings into the cache.</summary>
public static class DbusTool
{
    private static readonly TimeSpan s_fetchLimit = TimeSpan.FromMinutes(5);
    private static readonly Lazy<string> s_fetched = new(Fetch);

    /// <summary>The path of dbus-daemon.</summary>
    public static string Daemon => Find("dbus-daemon");

    /// <summary>The path of busctl.</summary>
    public static string Busctl => Find("busctl");

    private static string Find(string program)
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/bin", "/bin"]);
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? Path.Combine(s_fetched.Value, program);
    }

    private static string Fetch()
    {
        const string Remedy = "install the packages dbus-daemon and systemd (Debian: apt install dbus-daemon systemd)";
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "eng/dbus/fetch-dbus"))) root = root.Parent;
        if (root is null) throw new InvalidOperationException($"This test needs dbus-daemon and busctl: {Remedy}.");
        using Process fetch = Process.Start(
            new ProcessStartInfo(Path.Combine(root.FullName, "eng/dbus/fetch-dbus"))
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
        Task<string> output = fetch.StandardOutput.ReadToEndAsync();
        Task<string> errors = fetch.StandardError.ReadToEndAsync();
        if (!fetch.WaitForExit(s_fetchLimit)) fetch.Kill();
        fetch.WaitForExit();
        if (fetch.ExitCode != 0) throw new InvalidOperationException($"This test needs dbus-daemon and busctl: {Remedy}; eng/dbus/fetch-dbus says: {errors.GetAwaiter().GetResult().Trim()}");
        return output.GetAwaiter().GetResult().Trim();
    }
}
