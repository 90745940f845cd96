// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Daemon;
using Busbar.Guest;
using Busbar.Linux;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>The one place where exceptions become an exit code and one line on stderr.</summary>
internal static class FailureReport
{
    /// <summary>Set to 1, the environment variable of this name adds the stack trace.</summary>
    private const string DebugVariable = "BUSBAR_DEBUG";

    /// <summary>Reports a failure.</summary>
    /// <returns>The exit code that belongs to it.</returns>
    public static int Report(Exception failure)
    {
        (int code, string line) = Explain(failure);
        Console.Error.WriteLine($"busbar: {line}");
        if (Environment.GetEnvironmentVariable(DebugVariable) == "1") Console.Error.WriteLine(failure);
        return code;
    }

    /// <summary>The exit code that belongs to a failure, and the line that says what happened.</summary>
    public static (int Code, string Line) Explain(Exception failure)
    {
        (int code, string line) = Describe(failure);
        return (code, OneLine(line));
    }

    private static (int Code, string Line) Describe(Exception failure) => failure switch
    {
        CommandException command => (command.ExitCode, command.Message),
        MctpException mctp => (CodeOf(mctp.Error), mctp.Message),
        HostException host => (CodeOf(host.Error), host.Message),
        ControlPlaneException control => (CodeOf(control.Error), control.Message),
        ConfigurationException configuration => (ExitCode.Usage, configuration.Message),
        GuestException guest => (CodeOf(guest.Error), guest.Message),
        IvshmemProtocolException protocol => (ExitCode.PeerError, protocol.Message),
        PciDeviceException device => (CodeOf(device.Fault), device.Message),
        LinuxException system => (CodeOf(system.Errno), system.Message),
        UnauthorizedAccessException denied => (ExitCode.MissingFacility, denied.Message),
        FileNotFoundException or DirectoryNotFoundException => (ExitCode.Usage, failure.Message),
        IOException io => (ExitCode.MissingFacility, io.Message),
        OutOfMemoryException => (ExitCode.MissingFacility, "out of memory; use a smaller --size"),
        _ => (ExitCode.Internal, $"internal error: {failure.GetType().Name}: {failure.Message} (set {DebugVariable}=1 for details, and report it)"),
    };

    private static int CodeOf(MctpError error) => error switch
    {
        MctpError.TimedOut or MctpError.WouldBlock or MctpError.LinkDown or MctpError.Unreachable or MctpError.NoRoute or MctpError.NoTag or MctpError.Closed
            => ExitCode.Unreachable,
        MctpError.PeerError => ExitCode.PeerError,
        MctpError.MissingFacility or MctpError.NotSupported => ExitCode.MissingFacility,
        _ => ExitCode.Usage,
    };

    private static int CodeOf(HostError error) => error switch
    {
        HostError.NotPermitted or HostError.NotSupported => ExitCode.MissingFacility,
        HostError.Unreachable => ExitCode.Unreachable,
        HostError.Failed => ExitCode.PeerError,
        _ => ExitCode.Usage,
    };

    private static int CodeOf(ControlPlaneError error) => error switch
    {
        ControlPlaneError.AddressInUse or ControlPlaneError.EidClaimed or ControlPlaneError.EidInsisted or ControlPlaneError.NoFreeEid => ExitCode.Negative,
        ControlPlaneError.NoAnswer => ExitCode.Unreachable,
        ControlPlaneError.BadAnswer or ControlPlaneError.HostRefused => ExitCode.PeerError,
        _ => ExitCode.Usage,
    };

    private static int CodeOf(PciDeviceFault fault) => fault switch
    {
        PciDeviceFault.NotFound or PciDeviceFault.Busy or PciDeviceFault.WrongDriver or PciDeviceFault.GroupNotViable or PciDeviceFault.Unsuitable => ExitCode.Usage,
        PciDeviceFault.Failed => ExitCode.PeerError,
        _ => ExitCode.MissingFacility,
    };

    private static int CodeOf(GuestError error) => error switch
    {
        GuestError.ImageMissing or GuestError.StartFailed => ExitCode.MissingFacility,
        GuestError.TimedOut => ExitCode.Unreachable,
        _ => ExitCode.PeerError,
    };

    private static int CodeOf(Errno errno) => errno switch
    {
        Errno.ENOENT or Errno.EEXIST or Errno.EINVAL or Errno.ENAMETOOLONG or Errno.ENOTDIR or Errno.ELOOP or Errno.EADDRINUSE => ExitCode.Usage,
        Errno.ECONNREFUSED or Errno.ETIMEDOUT => ExitCode.Unreachable,
        _ => ExitCode.MissingFacility,
    };

    // The name of a parameter, which .NET appends to what is wrong with it, means nothing to a user.
    private static string OneLine(string text)
    {
        int parameter = text.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return (parameter < 0 ? text : text[..parameter]).ReplaceLineEndings(" ").Trim();
    }
}
