// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What carries the bytes of a serial link.</summary>
public enum SerialLineKind
{
    /// <summary>A terminal device: a port of this machine, or the slave of a pseudo terminal.</summary>
    Terminal,

    /// <summary>A pseudo terminal that we make; the other end opens its slave.</summary>
    PseudoTerminal,

    /// <summary>A UNIX stream socket, as QEMU's character devices have.</summary>
    Unix,

    /// <summary>A TCP connection, as QEMU's character devices have.</summary>
    Tcp,
}
