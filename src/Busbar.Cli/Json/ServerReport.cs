// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>What an ivshmem server counted.</summary>
internal sealed record ServerReport
{
    public required long Clients { get; init; }

    /// <summary>Connections beyond <c>--clients</c>.</summary>
    public required long ClientsTurnedAway { get; init; }

    /// <summary>Connections for which there was no descriptor.</summary>
    public required long ClientsWithoutRoom { get; init; }

    /// <summary>Clients that went, by reason; those that are not zero.</summary>
    public required Dictionary<string, long> ClientsGone { get; init; }

    public static ServerReport Collect(IvshmemServerStatistics server) => new()
    {
        Clients = server.Connected,
        ClientsTurnedAway = server.RefusedFull,
        ClientsWithoutRoom = server.RefusedResources,
        ClientsGone = Names.ByReason<IvshmemDropReason>(server.Dropped),
    };

    /// <summary>The counters as rows for people.</summary>
    public IEnumerable<(string Name, long Value)> Rows()
    {
        yield return ("clients", Clients);
        yield return ("clients turned away", ClientsTurnedAway);
        yield return ("clients without room", ClientsWithoutRoom);
        foreach ((string reason, long count) in ClientsGone) yield return ($"gone: {reason.Replace('_', ' ')}", count);
    }
}
