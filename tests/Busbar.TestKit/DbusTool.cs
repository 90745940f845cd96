// SPDX-License-Identifier: Apache-2.0
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
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"This test needs {program}: install the package {package} (Debian: apt install {package}).");
    }
}
