// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>The staged messages of one sender on one link, in the sender's order.</summary>
internal sealed class StagedFlow
{
    public MessageQueue Queue;

    /// <summary>The socket or service.</summary>
    public object? Owner;

    /// <summary>The next flow in the ring, or in the pool.</summary>
    public StagedFlow? Next;
}
