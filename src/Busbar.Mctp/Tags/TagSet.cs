// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// The eight tags from one of our EIDs toward one peer; or, for peers whose EID is not known (null EID, broadcast), toward whoever answers.
/// </summary>
internal sealed class TagSet
{
    public const int Count = 8;

    public readonly TagSlot[] Slots = new TagSlot[Count];
    public readonly Eid Local;
    public readonly Eid Peer;

    /// <summary>For a null or broadcast peer: the link that the answers come from; null for any.</summary>
    public readonly LinkPort? Port;

    /// <summary>For a null peer on a medium with addresses: who was asked.</summary>
    public readonly PhysicalAddress Address;

    /// <summary>Bit n is set unless tag n is free.</summary>
    public uint Busy;

    /// <summary>Where the round robin continues.</summary>
    public int Next;

    public TagSet(Eid local, Eid peer, LinkPort? port, in PhysicalAddress address)
    {
        Local = local;
        Peer = peer;
        Port = port;
        Address = address;
    }
}
