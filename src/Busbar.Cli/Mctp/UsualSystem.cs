// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>
/// Which MCTP the programs under foreign names act on: a test harness's, else that of a daemon that the environment names, else the kernel's, else, where the kernel
/// has none, that of a daemon that is there.
/// </summary>
internal static class UsualSystem
{
    /// <summary>Whether it is a daemon.</summary>
    public static bool IsDaemon => !IsHarness && (IsNamed || (!MctpKernelSocket.IsSupported && File.Exists(DaemonSocketPath.ForClient())));

    private static bool IsHarness => Environment.GetEnvironmentVariable("MCTP_TEST_SOCK") is { Length: > 0 };

    private static bool IsNamed => Environment.GetEnvironmentVariable(DaemonSocketPath.Variable) is { Length: > 0 };

    /// <summary>Opens its configuration.</summary>
    public static IMctpSystem Open() => IsDaemon ? DaemonSystem.Open() : KernelSystem.Open();

    /// <summary>Opens it as a source of sockets.</summary>
    public static IMctpSocketSource OpenSockets() => IsDaemon ? DaemonMctp.Open() : KernelMctp.Open();
}
