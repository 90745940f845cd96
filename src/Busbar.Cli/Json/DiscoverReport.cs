// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>What <c>busbar discover</c> found.</summary>
internal sealed record DiscoverReport
{
    public required bool Ok { get; init; }

    public required string Link { get; init; }

    /// <summary>Name of the MMBI state; KERNEL when the kernel has the link.</summary>
    public required string State { get; init; }

    public string? Dialect { get; init; }

    public string? RecognisedBy { get; init; }

    public int? WindowBytes { get; init; }

    /// <summary>Largest packet that we send, header included; absent when the kernel has the link.</summary>
    public int? Mtu { get; init; }

    /// <summary>The endpoint's EID; 0 when it has none yet.</summary>
    public required int Eid { get; init; }

    public required string EndpointType { get; init; }

    public required string EidType { get; init; }

    /// <summary>Absent when the endpoint does not tell.</summary>
    public string? Uuid { get; init; }

    public required IReadOnlyList<int> Types { get; init; }

    /// <summary>Versions by what they are of: "base" for DSP0236 itself, otherwise the message type's number.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Versions { get; init; }

    public required IReadOnlyList<string> Vendors { get; init; }

    public void WriteText()
    {
        if (Mtu is null) Console.Out.WriteLine($"link      {Link}");
        else if (WindowBytes is null) Console.Out.WriteLine($"link      {State}, MTU {Mtu}");
        else Console.Out.WriteLine($"link      {State}, dialect {Dialect} ({RecognisedBy}), window {WindowBytes} bytes, MTU {Mtu}");
        Console.Out.WriteLine($"eid       {(Eid == 0 ? "none yet" : Eid)} ({EidType}), {EndpointType}");
        Console.Out.WriteLine($"uuid      {Uuid ?? "not told"}");
        Console.Out.WriteLine($"types     {string.Join(", ", Types.Select(type => Names.Describe(new MessageType((byte)type))))}");
        foreach ((string of, IReadOnlyList<string> list) in Versions)
            Console.Out.WriteLine($"version   {(of == "base" ? "MCTP base" : $"type {of}")}: {string.Join(", ", list)}");
        foreach (string vendor in Vendors) Console.Out.WriteLine($"vendor    {vendor}");
    }
}
