// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// What a channel counted since it was created. Written under the caller's serialisation; readers may see a slightly old value.
/// </summary>
public sealed class MmbiStatistics
{
    private static readonly int s_reasons = Enum.GetValues<MmbiReason>().Length;

    private readonly long[] _resets = new long[s_reasons];
    private readonly long[] _skipped = new long[16];

    /// <summary>Packets staged.</summary>
    public long PacketsSent { get; internal set; }

    /// <summary>Their payload bytes.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>Packets consumed, skipped ones included.</summary>
    public long PacketsReceived { get; internal set; }

    /// <summary>Their payload bytes.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>Times the link came up.</summary>
    public long Joins { get; internal set; }

    /// <summary>Doorbells rung, both kinds.</summary>
    public long DoorbellsRung { get; internal set; }

    /// <summary>Doorbells rung a second time because nothing had moved.</summary>
    public long DoorbellsRepeated { get; internal set; }

    /// <summary>Resets that we asked for or made.</summary>
    public long ResetsByUs { get; internal set; }

    /// <summary>Resets that the peer asked for or made.</summary>
    public long ResetsByPeer { get; internal set; }

    /// <summary>Times that words of ours were found changed by somebody else and put right.</summary>
    public long OwnWordsRestored { get; internal set; }

    /// <summary>Times that the descriptor was found damaged and published again.</summary>
    public long DescriptorsRepaired { get; internal set; }

    /// <summary>Descriptors refused.</summary>
    public long DescriptorsRejected { get; internal set; }

    /// <summary>
    /// Times that an owner which never resets went on at the host's pointer, because what lay before it made no sense: a packet header, or how far the host
    /// says that it has read.
    /// </summary>
    public long StreamsSkipped { get; internal set; }

    /// <summary>Times that an owner which never resets ignored a pointer outside the ring, until it changed.</summary>
    public long PointersIgnored { get; internal set; }

    /// <summary>Packets skipped because nobody wanted their type, all types together.</summary>
    public long PacketsSkipped => _skipped.Sum();

    /// <summary>Resets for one reason.</summary>
    /// <param name="reason">The reason.</param>
    public long Resets(MmbiReason reason) => _resets[(int)reason];

    /// <summary>Packets skipped because nobody wanted their type.</summary>
    /// <param name="type">The type, 0 to 15.</param>
    public long Skipped(MmbiPacketType type) => _skipped[(int)type];

    internal void CountReset(MmbiReason reason, bool byPeer)
    {
        _resets[(int)reason]++;
        if (byPeer) ResetsByPeer++;
        else ResetsByUs++;
    }

    internal void CountSkipped(MmbiPacketType type) => _skipped[(int)type & 0xF]++;
}
