// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// One turn of polling: the time, how many packets the turn may still take, and optionally one receiver that waits with its buffer open,
/// so that a whole message in one packet goes from the medium to its reader in a single copy.
/// </summary>
public ref struct PollContext
{
    private readonly MctpStack _stack;

    internal PollContext(MctpStack stack, long now, int budget)
    {
        _stack = stack;
        Now = now;
        Budget = budget;
    }

    /// <summary>Monotonic milliseconds, the same for the whole turn.</summary>
    public readonly long Now { get; }

    /// <summary>Packets that the turn may still take.</summary>
    public int Budget { get; private set; }

    /// <summary>True when the link should stop taking packets from its medium: the budget is used up, or the waiting receiver has its message.</summary>
    public readonly bool IsDone => Budget <= 0;

    /// <summary>Hands one arrived packet to the stack, which copies what it keeps before it returns.</summary>
    /// <param name="link">The link that it arrived on.</param>
    /// <param name="header">The transport header, a private snapshot.</param>
    /// <param name="first">Payload behind the header, first piece; may lie in shared memory and is read once.</param>
    /// <param name="second">Payload, second piece, for packets that wrap around a ring's end; usually empty.</param>
    public void Deliver(MctpLink link, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Budget--;
        _stack.Receive(link, header, first, second, ref this);
    }
}
