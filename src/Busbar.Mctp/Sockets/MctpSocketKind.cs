// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What a socket carries.</summary>
public enum MctpSocketKind
{
    /// <summary>Whole messages, like a SOCK_DGRAM socket of AF_MCTP.</summary>
    Datagram,

    /// <summary>Single packets with their headers, before any check or reassembly.</summary>
    Raw,
}
