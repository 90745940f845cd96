// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary>One MMBI instance as <c>busbar mmbi show</c> finds it.</summary>
internal sealed record InstanceReport
{
    public required int Instance { get; init; }

    /// <summary>The four flags as one digit, and the standard's name.</summary>
    public required int StateCode { get; init; }

    public required string State { get; init; }

    /// <summary>Host_ROS and Host_RWS word by word, decoded.</summary>
    public required IReadOnlyList<FieldRow> Status { get; init; }

    public required IReadOnlyList<RingReport> Rings { get; init; }

    public static InstanceReport From(MmbiInstanceReport found)
    {
        bool inUse = found.IsOwnerUp && found.IsHostUp;
        var rings = new List<RingReport>(2);
        if (found.OwnerToHost is { } down) rings.Add(RingReport.From("b2h", down, inUse));
        if (found.HostToOwner is { } up) rings.Add(RingReport.From("h2b", up, inUse));
        return new InstanceReport
        {
            Instance = found.Index,
            StateCode = found.State.Code,
            State = found.State.Name,
            Status =
            [
                Word("Host_ROS[0]", found.Words[0], "B2H write pointer", ("B_UP", found.IsOwnerUp), ("B_RST", found.IsOwnerReset)),
                Word("Host_ROS[1]", found.Words[1], "H2B read pointer", ("B_RDY", found.IsOwnerReady)),
                Word("Host_RWS[0]", found.Words[2], "H2B write pointer", ("H_UP", found.IsHostUp), ("H_RST", found.IsHostReset)),
                Word("Host_RWS[1]", found.Words[3], "B2H read pointer", ("H_RDY", found.IsHostReady)),
            ],
            Rings = rings,
        };
    }

    private static FieldRow Word(string name, uint raw, string pointer, params (string Name, bool IsSet)[] flags)
    {
        string set = string.Join(" ", flags.Where(flag => flag.IsSet).Select(flag => flag.Name));
        return new FieldRow(name, $"0x{raw:x8}", $"{pointer} {raw & ~3u}, {(set.Length == 0 ? "no flag" : set)}");
    }
}
