// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What became of one request of <c>busbar req</c>: intact (an echo with the same bytes), answered (of another type), wrong, lost.</summary>
internal sealed record RequestAnswer(int Seq, string Outcome)
{
    public uint? Network { get; init; }

    public int? Eid { get; init; }

    /// <summary>Type byte with IC bit.</summary>
    public int? Type { get; init; }

    /// <summary>Bytes of the body.</summary>
    public int? Length { get; init; }

    public double? Us { get; init; }

    /// <summary>The body as hex; absent for echoes.</summary>
    public string? Data { get; init; }

    public string ToText() => Eid is null
        ? $"{Seq}: {Outcome}"
        : $"{Seq}: {Outcome}, {Length} bytes of type 0x{Type:x2} from eid {Eid} net {Network}, {Us:0.0} us";
}
