// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>Where sockets come from: a node of this process (<see cref="MctpNode"/>), or the kernel (<see cref="KernelMctp"/>).</summary>
public interface IMctpSocketSource
{
    /// <summary>Opens a socket.</summary>
    /// <param name="kind">Whole messages or packets.</param>
    /// <exception cref="MctpException"><see cref="MctpError.NotSupported"/> for a kind that this source does not have.</exception>
    MctpSocket OpenSocket(MctpSocketKind kind = MctpSocketKind.Datagram);
}
