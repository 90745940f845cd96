// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>A link between two nodes of a topology.</summary>
/// <param name="Name">Its name, unique in the topology: the name of the node below.</param>
/// <param name="Owner">The node that is bus owner on it.</param>
/// <param name="Below">The node behind it.</param>
/// <param name="Binding">What carries it.</param>
public sealed record TopologyLink(string Name, TopologyNode Owner, TopologyNode Below, TopologyBinding Binding)
{
    /// <summary>The LINK text of one side.</summary>
    /// <param name="folder">Where sockets and files are.</param>
    /// <param name="isOwner">Whose side.</param>
    public string TextFor(string folder, bool isOwner)
    {
        string path = System.IO.Path.Combine(folder, Name);

        // The device offers the window, the host finds it: the node below is the device.
        return Binding switch
        {
            TopologyBinding.Mmbi => $"mmbi:ivshmem:{path}.mmbi,role={(isOwner ? "discoverer" : "owner")}",
            TopologyBinding.MmbiFile => $"mmbi:shm:{path}.window,role={(isOwner ? "discoverer" : "owner")}",
            TopologyBinding.Serial => $"serial:unix:{path}.serial{(isOwner ? ",listen" : "")}",
            TopologyBinding.Lpc => $"astlpc:shm:{path}.lpc,role={(isOwner ? "bmc" : "host")}",
            _ => $"dev:unix:{path}.dev{(isOwner ? ",listen" : "")}",
        };
    }
}
