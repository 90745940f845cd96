// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>What two nodes of a topology are joined by.</summary>
public enum TopologyBinding
{
    /// <summary>MMBI in memory of an ivshmem server, with doorbells.</summary>
    Mmbi,

    /// <summary>MMBI in a file, polled.</summary>
    MmbiFile,

    /// <summary>Serial frames over a UNIX socket, as a virtual machine's serial port would carry them.</summary>
    Serial,

    /// <summary>The LPC binding in a file.</summary>
    Lpc,

    /// <summary>The development link over a UNIX socket.</summary>
    Development,
}
