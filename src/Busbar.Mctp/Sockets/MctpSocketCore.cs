// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// The state of one socket inside a stack: what it is bound to, and what waits to be received. All operations are members of
/// <see cref="MctpStack"/> and, like the properties here, run under the stack's serialisation.
/// </summary>
public sealed class MctpSocketCore
{
    internal MessageQueue Queue;

    internal MctpSocketCore(MctpStack stack, MctpSocketKind kind)
    {
        Stack = stack;
        Kind = kind;
    }

    /// <summary>Messages or packets.</summary>
    public MctpSocketKind Kind { get; }

    /// <summary>Messages (packets, in a raw socket) that wait to be received.</summary>
    public int QueuedMessages => Queue.Count;

    /// <summary>True when a receive would bring something, or an error waits to be taken.</summary>
    public bool HasEvent => !Queue.IsEmpty || Fault != SocketFault.None;

    /// <summary>True after <see cref="MctpStack.Close"/>.</summary>
    public bool IsClosed { get; internal set; }

    /// <summary>The tag of the latest message that was sent.</summary>
    public MctpTag LastTag { get; internal set; }

    /// <summary>What the socket is bound to; null while it is not.</summary>
    public MctpEndPoint? BoundTo { get; internal set; }

    /// <summary>The only peer whose requests it takes; null for all.</summary>
    public MctpEndPoint? ConnectedTo { get; internal set; }

    /// <summary>Messages (packets, in a raw socket) that arrived for the socket while its queue was full.</summary>
    public long Dropped { get; internal set; }

    internal MctpStack Stack { get; }

    internal SocketFault Fault { get; private set; }

    // The bind in the form in which arriving messages are compared with it.
    internal Eid BoundEid { get; set; } = Eid.Any;

    internal uint BoundNetwork { get; set; }

    internal Eid Peer { get; set; } = Eid.Any;

    /// <summary>Reads and clears the error indication.</summary>
    public SocketFault TakeError()
    {
        SocketFault fault = Fault;
        Fault = SocketFault.None;
        return fault;
    }

    internal void Fail(SocketFault fault) => Fault = fault;
}
