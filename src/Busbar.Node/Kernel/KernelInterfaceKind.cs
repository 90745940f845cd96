// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>By which facility of the kernel an interface is made.</summary>
public enum KernelInterfaceKind
{
    /// <summary>/dev/net/tun (CONFIG_TUN): packets as they are, of up to 65,535 bytes, with a carrier.</summary>
    Tun,

    /// <summary>
    /// The line discipline of the serial binding (CONFIG_MCTP_SERIAL) on a pseudo terminal: packets of 68 bytes, three reads each. For kernels without TUN.
    /// </summary>
    Serial,
}
