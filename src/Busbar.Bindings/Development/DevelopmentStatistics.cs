// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What happened on a development link since it was created. Written under the stack's serialisation; readers may see a slightly old value.</summary>
public sealed class DevelopmentStatistics
{
    private readonly long[] _received = new long[Enum.GetValues<DevelopmentDatagram>().Length];

    /// <summary>Hellos sent.</summary>
    public long HellosSent { get; internal set; }

    /// <summary>Datagrams from somebody who is not the other end.</summary>
    public long Strangers { get; internal set; }

    /// <summary>Datagrams that were longer than any may be.</summary>
    public long TooLong { get; internal set; }

    /// <summary>Packets that came before both ends had heard each other.</summary>
    public long EarlyPackets { get; internal set; }

    /// <summary>Times that the other end began anew while the link was up.</summary>
    public long Restarts { get; internal set; }

    /// <summary>Times that the other end fell silent.</summary>
    public long Silences { get; internal set; }

    /// <summary>The version of the last datagram of another version; 0 when there was none.</summary>
    public int OtherVersion { get; internal set; }

    /// <summary>Datagrams received, by what they were.</summary>
    /// <param name="kind">What.</param>
    public long this[DevelopmentDatagram kind] => _received[(int)kind];

    internal void Count(DevelopmentDatagram kind) => _received[(int)kind]++;
}
