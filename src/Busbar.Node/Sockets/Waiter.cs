// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>One thread's place to sleep while another thread sleeps on the descriptors for both.</summary>
internal sealed class Waiter
{
    [ThreadStatic]
    private static Waiter? t_waiter;

    public Waiter() => Place = new LinkedListNode<Waiter>(this);

    /// <summary>The thread's place in the queue for room, kept so that queueing allocates nothing.</summary>
    public LinkedListNode<Waiter> Place { get; }

    /// <summary>Set when the thread should look again.</summary>
    public WakeSignal Signal { get; } = new();

    /// <summary>The socket whose messages the thread waits for; null when it waits for something else.</summary>
    public MctpSocketCore? Core { get; set; }

    /// <summary>The link on which a sender waits for room.</summary>
    public int Link { get; set; }

    /// <summary>The calling thread's waiter; a thread waits for one thing at a time.</summary>
    public static Waiter ForThisThread() => t_waiter ??= new Waiter();
}
