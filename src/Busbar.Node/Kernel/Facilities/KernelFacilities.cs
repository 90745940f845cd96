// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>Chooses the facilities of this process.</summary>
public static class KernelFacilities
{
    /// <summary>The harness that the environment variable <c>MCTP_TEST_SOCK</c> names, else the system.</summary>
    /// <exception cref="HostException">The variable names no harness.</exception>
    public static IKernelFacilities FromEnvironment()
    {
        try
        {
            return HarnessConnection.FromEnvironment() is { } harness ? new HarnessFacilities(harness) : new SystemFacilities();
        }
        catch (LinuxException failure)
        {
            throw new HostException(HostError.Unreachable, $"{failure.Message}; start the program from a test harness, or unset {HarnessConnection.Variable}", failure);
        }
    }
}
