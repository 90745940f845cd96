// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>What an emulated function and the vfio-user server in front of it counted: its clients, and what they and the guest did wrong.</summary>
internal sealed record FunctionReport
{
    public required long Clients { get; init; }

    /// <summary>Connections beside the one that is served.</summary>
    public required long ClientsTurnedAway { get; init; }

    /// <summary>Connections for which there was no descriptor.</summary>
    public required long ClientsWithoutRoom { get; init; }

    /// <summary>Clients that did not agree on a version in time.</summary>
    public required long ClientsSilent { get; init; }

    public required long AccessesOutOfRange { get; init; }

    public required long AccessesUndefined { get; init; }

    public required long AccessesUnaligned { get; init; }

    public required long AccessesWhileOff { get; init; }

    public required long InterruptsSent { get; init; }

    public required long InterruptsPended { get; init; }

    public required long InterruptsLost { get; init; }

    public required long DmaMapsWithoutMemory { get; init; }

    public required long DmaMapsUnsafe { get; init; }

    public required long DmaUnmapsOfNothing { get; init; }

    public required long DmaRefused { get; init; }

    public required long StrayReplies { get; init; }

    public required long ConventionalResets { get; init; }

    public required long FunctionLevelResets { get; init; }

    /// <summary>Messages refused, by reason; those that are not zero.</summary>
    public required Dictionary<string, long> MessagesRefused { get; init; }

    public static FunctionReport Collect(PciFunctionStatistics function, VfioUserStatistics server) => new()
    {
        Clients = server.Connected,
        ClientsTurnedAway = server.RefusedBusy,
        ClientsWithoutRoom = server.RefusedResources,
        ClientsSilent = server.Silent,
        AccessesOutOfRange = function.OutOfRange,
        AccessesUndefined = function.Undefined,
        AccessesUnaligned = function.Unaligned,
        AccessesWhileOff = function.DecodeOff,
        InterruptsSent = function.InterruptsSent,
        InterruptsPended = function.InterruptsPended,
        InterruptsLost = function.InterruptsLost,
        DmaMapsWithoutMemory = server.MapsWithoutMemory,
        DmaMapsUnsafe = server.MapsOfUnsafeMemory,
        DmaUnmapsOfNothing = server.UnmapsOfNothing,
        DmaRefused = function.DmaRefused,
        StrayReplies = server.StrayReplies,
        ConventionalResets = function.ConventionalResets,
        FunctionLevelResets = function.FunctionLevelResets,
        MessagesRefused = Names.ByReason<VfioUserRefusal>(server.Refused),
    };

    /// <summary>The counters as rows for people.</summary>
    public IEnumerable<(string Name, long Value)> Rows()
    {
        yield return ("clients", Clients);
        yield return ("clients turned away", ClientsTurnedAway);
        yield return ("clients without room", ClientsWithoutRoom);
        yield return ("clients silent", ClientsSilent);
        yield return ("accesses out of range", AccessesOutOfRange);
        yield return ("accesses to nothing", AccessesUndefined);
        yield return ("accesses unaligned", AccessesUnaligned);
        yield return ("accesses while off", AccessesWhileOff);
        yield return ("interrupts sent", InterruptsSent);
        yield return ("interrupts pended", InterruptsPended);
        yield return ("interrupts lost", InterruptsLost);
        yield return ("DMA maps without memory", DmaMapsWithoutMemory);
        yield return ("DMA maps of unsafe memory", DmaMapsUnsafe);
        yield return ("DMA unmaps of nothing", DmaUnmapsOfNothing);
        yield return ("DMA refused", DmaRefused);
        yield return ("stray replies", StrayReplies);
        yield return ("conventional resets", ConventionalResets);
        yield return ("function-level resets", FunctionLevelResets);
        foreach ((string reason, long count) in MessagesRefused) yield return ($"refused: {reason.Replace('_', ' ')}", count);
    }
}
