// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;

namespace Busbar.TestKit;

/// <summary>A dbus-daemon of the test's own, on a socket in a temporary folder; ended when disposed.</summary>
public sealed class PrivateBus : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private const string OpenPolicy =
        """
          <policy context="default">
            <allow user="*"/>
            <allow own="*"/>
            <allow send_destination="*" eavesdrop="true"/>
            <allow eavesdrop="true"/>
          </policy>
        """;

    // What a system bus says before the services' own files: names are nobody's, and calls go nowhere, unless one of them allows it.
    private const string SystemPolicy =
        """
          <policy context="default">
            <allow user="*"/>
            <deny own="*"/>
            <deny send_type="method_call"/>
            <allow send_type="signal"/>
            <allow send_requested_reply="true" send_type="method_return"/>
            <allow send_requested_reply="true" send_type="error"/>
            <allow receive_type="method_call"/>
            <allow receive_type="method_return"/>
            <allow receive_type="error"/>
            <allow receive_type="signal"/>
            <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
            <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
            <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
          </policy>
        """;

    private readonly DirectoryInfo _folder;
    private Process _process;

    private PrivateBus(DirectoryInfo folder, Process process, string address)
    {
        _folder = folder;
        _process = process;
        Address = address;
    }

    /// <summary>The bus's address.</summary>
    public string Address { get; }

    /// <summary>A folder of the bus's, which goes with it.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Starts a bus on which everybody may do everything, like a session's.</summary>
    public static PrivateBus Start() => Start("session", OpenPolicy);

    /// <summary>Starts a bus with the policy of a system's and some more.</summary>
    /// <param name="policyFile">A file to include, as services install them.</param>
    /// <param name="extra">More configuration, behind the file's.</param>
    public static PrivateBus StartLikeSystem(string policyFile, string extra = "") => Start("custom", $"{SystemPolicy}<include>{policyFile}</include>{extra}");

    /// <summary>Ends the daemon at once, as a crash would; clients see their connection end.</summary>
    public void Kill()
    {
        if (_process.HasExited) return;
        Signals.Kill(_process.Id, Signal.Kill);
        if (!_process.WaitForExit(s_limit)) throw new TimeoutException("The bus outlived SIGKILL.");
    }

    /// <summary>The daemon reads and writes nothing from now on.</summary>
    public void Pause() => Signals.Kill(_process.Id, Signal.Stop);

    /// <summary>The daemon goes on after <see cref="Pause"/>.</summary>
    public void Resume() => Signals.Kill(_process.Id, Signal.Continue);

    /// <summary>Starts the daemon again after <see cref="Kill"/>, at the same path. Its address has another "guid", which clients need not name.</summary>
    public void Restart()
    {
        Kill();
        _process.Dispose();
        File.Delete(Path.Combine(Folder, "bus"));
        (_process, _) = Run(Path.Combine(Folder, "bus.conf"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static PrivateBus Start(string type, string policy)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bb-bus-");
        string configuration = Path.Combine(folder.FullName, "bus.conf");
        File.WriteAllText(
            configuration,
            $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>{type}</type>
              <listen>unix:path={folder.FullName}/bus</listen>
              <auth>EXTERNAL</auth>
            {policy}
            </busconfig>
            """);

        // Others than root must be able to reach the socket when a test looks at policies.
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        try
        {
            (Process process, string address) = Run(configuration);
            return new PrivateBus(folder, process, address.Split(',')[0]);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    private static (Process Process, string Address) Run(string configuration)
    {
        var start = new ProcessStartInfo(DbusTool.Daemon, [$"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        if (line.Wait(s_limit) && line.Result is { } address) return (process, address);
        if (!process.HasExited) Signals.Kill(process.Id, Signal.Kill);
        process.WaitForExit(s_limit);
        throw new InvalidOperationException($"dbus-daemon did not start: {(errors.Wait(s_limit) ? errors.Result : "it says nothing")}");
    }
}
