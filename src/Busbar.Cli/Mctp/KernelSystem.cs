// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary>The kernel's MCTP, as the <c>mctp</c> program sees it.</summary>
internal static class KernelSystem
{
    public static IMctpSystem Open() => throw new HostException(HostError.NotSupported, "this build cannot reach the kernel's MCTP yet");
}
