// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// What a packet carries: bits 27:24 of the packet header (DSP0282, multi-protocol header). Only MCTP is defined by a DMTF binding
/// (DSP0284, 5.2); the other names come from shipping drivers and are vendor use.
/// </summary>
public enum MmbiPacketType : byte
{
    /// <summary>Not used.</summary>
    Reserved = 0,

    /// <summary>IPMI messages.</summary>
    Ipmi = 1,

    /// <summary>Firmware update traffic.</summary>
    Seamless = 2,

    /// <summary>RAS offload.</summary>
    RasOffload = 3,

    /// <summary>One MCTP packet (DSP0284).</summary>
    Mctp = 4,

    /// <summary>Node manager traffic.</summary>
    NodeManager = 5,
}
