// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>One of the eight tags between two endpoints.</summary>
internal struct TagSlot
{
    /// <summary>Who gets the answers. Kept when the tag is free, to spare the next request of the same socket a store.</summary>
    public MctpSocketCore? Socket;

    /// <summary>When the present state ends: expiry of a request, end of a cool-down.</summary>
    public long Deadline;

    /// <summary>Index of the link that the request left on, 0 before the first.</summary>
    public int Link;

    public TagState State;

    /// <summary>A preallocated tag has been used since its last answer.</summary>
    public bool IsAwaiting;
}
