// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What the allocator remembers of one network.</summary>
internal sealed class NetworkEids
{
    /// <summary>When each EID was given back, as a timestamp of the clock; null for those that nobody had.</summary>
    public long?[] RetiredAt { get; } = new long?[256];

    /// <summary>Room that is kept behind endpoints whose need of a pool is not known yet.</summary>
    public List<EidPool> Kept { get; } = [];

    /// <summary>Ends, and is replaced by another, when kept room is given back.</summary>
    public TaskCompletionSource RoomGivenBack { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The range to assign from, where it is not that of the options.</summary>
    public EidPool? Range { get; set; }
}
