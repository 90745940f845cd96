// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// The kernel's own MCTP as a source of sockets: addresses, routes and links are the kernel's, a link index is an interface index. It has no raw sockets and chooses the
/// source EID itself. Requests carry tags that each socket allocates ahead and rotates, because the kernel's automatic tags are reused at once and cannot be told apart.
/// </summary>
public sealed class KernelMctp : IMctpSocketSource
{
    private KernelMctp()
    {
    }

    /// <summary>Makes sure that this kernel has MCTP.</summary>
    /// <exception cref="MctpException"><see cref="MctpError.MissingFacility"/> when it was built without.</exception>
    public static KernelMctp Open() => MctpKernelSocket.IsSupported
        ? new KernelMctp()
        : throw new MctpException(MctpError.MissingFacility, "this kernel has no AF_MCTP; it needs CONFIG_MCTP=y (or use --link for Busbar's own stack)");

    /// <summary>Finds an interface that MCTP uses, for extended addresses.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its index, which is the link index of an end point, and its MCTP network, which the end point must name, too.</returns>
    /// <exception cref="MctpException"><see cref="MctpError.BadConfiguration"/> when there is none of that name.</exception>
    public static (int Index, uint Network) FindInterface(string name)
    {
        if (!InterfaceName.TryFindIndex(name, out int index))
            throw new MctpException(MctpError.BadConfiguration, $"there is no network interface '{name}'; 'ip link' lists those that are there");
        try
        {
            using var netlink = new MctpNetlink();
            NetlinkLink? found = netlink.Links().FirstOrDefault(link => link.Index == index);
            return found?.Network is { } network
                ? (index, network)
                : throw new MctpException(MctpError.BadConfiguration, $"the network interface '{name}' carries no MCTP");
        }
        catch (LinuxException failure)
        {
            throw new MctpException(MctpError.MissingFacility, failure.Message, failure);
        }
    }

    /// <inheritdoc/>
    public MctpSocket OpenSocket(MctpSocketKind kind = MctpSocketKind.Datagram)
    {
        if (kind != MctpSocketKind.Datagram) throw new MctpException(MctpError.NotSupported, "the kernel's AF_MCTP has no raw sockets; use a node of this process");
        try
        {
            return new MctpSocket(new KernelSocketBackend(MctpKernelSocket.Open()), kind);
        }
        catch (LinuxException failure)
        {
            throw new MctpException(MctpError.MissingFacility, failure.Message, failure);
        }
    }
}
