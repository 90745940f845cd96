// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <summary>
/// One turn of polling: the time, how many packets the turn may still take, and optionally one receiver that waits with its buffer open,
/// so that a whole message in one packet goes from the medium to its reader in a single copy.
/// </summary>
public ref struct PollContext
{
    private readonly MctpStack _stack;
    private readonly int _granted;

    // As it was when the turn began: links that are not tapped, which is the usual case, need not ask for each packet.
    private readonly bool _isTapped;
    private int _kept;

    internal PollContext(MctpStack stack, bool isTapped, long now, int budget, MctpSocketCore? receiver, Span<byte> buffer)
    {
        _stack = stack;
        _isTapped = isTapped;
        _granted = budget;
        Now = now;
        Budget = budget;
        Receiver = receiver;
        Buffer = buffer;
    }

    /// <summary>Monotonic milliseconds, the same for the whole turn.</summary>
    public readonly long Now { get; }

    /// <summary>Packets that the turn may still take.</summary>
    public int Budget { get; private set; }

    /// <summary>True when the link should stop taking packets from its medium: the budget is used up, or the waiting receiver has its message.</summary>
    public readonly bool IsDone => Budget <= 0;

    /// <summary>Packets that were delivered in this turn.</summary>
    internal readonly int Taken => _granted - Budget - _kept;

    /// <summary>Their bytes, headers included.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Who waits with an open buffer, or null.</summary>
    internal readonly MctpSocketCore? Receiver { get; }

    /// <summary>The receiver's buffer.</summary>
    internal readonly Span<byte> Buffer { get; }

    /// <summary>
    /// True when the waiting receiver's buffer holds its message, of which <see cref="FilledHeader"/>, <see cref="FilledType"/> and
    /// <see cref="FilledLength"/> tell the rest.
    /// </summary>
    internal bool IsFilled { get; private set; }

    internal uint FilledHeader { get; private set; }

    internal byte FilledType { get; private set; }

    internal int FilledLength { get; private set; }

    /// <summary>
    /// False when a packet is to leave on another link (over a wire, or because the stack forwards) that has no room for it now. A link that can leave packets
    /// on its medium then does so, and tries again at the next turn; others deliver and let the stack count the loss. The stack asks for that turn
    /// (<see cref="MctpStack.NextDeadline"/>), and ends the wait for links that stay without room.
    /// </summary>
    /// <param name="link">The link that the packet arrived on.</param>
    /// <param name="header">Its transport header.</param>
    /// <param name="length">Bytes of the packet, header included.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool HasRoomBehind(MctpLink link, MctpHeader header, int length) => !_isTapped || AskBehind(link, header, length);

    /// <summary>Hands one arrived packet to the stack, which copies what it keeps before it returns.</summary>
    /// <param name="link">The link that it arrived on.</param>
    /// <param name="header">The transport header, a private snapshot.</param>
    /// <param name="first">Payload behind the header, first piece; may lie in shared memory and is read once.</param>
    /// <param name="second">Payload, second piece, for packets that wrap around a ring's end; usually empty.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Deliver(MctpLink link, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Budget--;
        Bytes += first.Length + second.Length + MctpHeader.Size;
        if (link.Port is { } port) _stack.Receive(port, header.Raw, first, second, ref this);
    }

    /// <summary>Hands one arrived packet to the stack, with the physical address that it came from.</summary>
    /// <param name="link">The link that it arrived on.</param>
    /// <param name="from">Who sent it on the medium.</param>
    /// <param name="header">The transport header, a private snapshot.</param>
    /// <param name="first">Payload behind the header, first piece.</param>
    /// <param name="second">Payload, second piece.</param>
    public void Deliver(MctpLink link, in PhysicalAddress from, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (link.Port is not { } port) return;
        port.Sender = from;
        Deliver(link, header, first, second);
        port.Sender = default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly bool AskBehind(MctpLink link, MctpHeader header, int length) =>
        link.Port is not { } port || _stack.HasRoomBehind(port, header.Raw, length, Now);

    /// <summary>The waiting receiver has its message in its buffer.</summary>
    internal void Fill(uint header, byte type, int length)
    {
        FilledHeader = header;
        FilledType = type;
        FilledLength = length;
        IsFilled = true;
        Stop();
    }

    /// <summary>Ends the turn early; what is left stays on the medium.</summary>
    internal void Stop()
    {
        _kept += Budget;
        Budget = 0;
    }
}
