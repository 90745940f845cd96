// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>Where the daemon's socket is when nobody says.</summary>
public static class DaemonSocketPath
{
    /// <summary>The socket of the system's daemon.</summary>
    public const string OfSystem = "/run/busbar/busbar.sock";

    /// <summary>The environment variable that names another one.</summary>
    public const string Variable = "BUSBAR_SOCKET";

    /// <summary>The socket of the user's own daemon: <c>busbar.sock</c> in XDG_RUNTIME_DIR; null without that variable.</summary>
    public static string? OfUser => Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder ? Path.Combine(folder, "busbar.sock") : null;

    /// <summary>For clients: the variable <see cref="Variable"/>, else the system's socket if it is there, else the user's if it is there, else the system's.</summary>
    public static string ForClient()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return named;
        if (File.Exists(OfSystem)) return OfSystem;
        return OfUser is { } own && File.Exists(own) ? own : OfSystem;
    }

    /// <summary>For a daemon: the variable <see cref="Variable"/>, else the system's socket if its folder can be written to, else the user's.</summary>
    public static string ForDaemon()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return named;
        string folder = Path.GetDirectoryName(OfSystem)!;
        if (OfUser is not { } own) return OfSystem;
        try
        {
            // Root makes the folder; a unit's RuntimeDirectory= made it before us.
            if (Environment.IsPrivilegedProcess) Directory.CreateDirectory(folder);
            if (!Directory.Exists(folder)) return own;
            string probe = Path.Combine(folder, $".probe-{Environment.ProcessId}");
            using (File.Create(probe, bufferSize: 1, FileOptions.DeleteOnClose)) return OfSystem;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return own;
        }
    }
}
