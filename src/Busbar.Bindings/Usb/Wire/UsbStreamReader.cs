// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>
/// The packets of transfers of version 1.1, where a packet may go on in the next transfer. At a fault the rest of the transfer is given up, and the next one is taken to
/// begin with a frame. A transfer without bytes ends a packet that was not complete: it is given up, too.
/// </summary>
public sealed class UsbStreamReader
{
    // A frame that is not complete, of 8191 bytes at most.
    private readonly byte[] _partial = new byte[UsbFrame.HeaderSize + UsbFrame.LargestPacket(UsbVersion.V11)];
    private int _have;

    /// <summary>Packets found.</summary>
    public long Packets { get; private set; }

    /// <summary>Faults found.</summary>
    public long Faults { get; private set; }

    /// <summary>The last fault; none when there was none.</summary>
    public FrameFault LastFault { get; private set; }

    /// <summary>True while the beginning of a packet waits for its rest.</summary>
    public bool IsInPacket => _have != 0;

    /// <summary>Begins with a transfer.</summary>
    /// <param name="transfer">All its bytes; call <see cref="TryNext"/> with the same until it says no.</param>
    public void Begin(ReadOnlySpan<byte> transfer)
    {
        if (transfer.IsEmpty && _have != 0) Fail(FrameFault.Truncated);
    }

    /// <summary>Takes the next packet that is complete.</summary>
    /// <param name="transfer">What is left of the transfer; moved on.</param>
    /// <param name="packet">Header first; valid until the next call.</param>
    /// <returns>False when the transfer has no more complete packet; its rest was kept, or given up at a fault.</returns>
    public bool TryNext(ref ReadOnlySpan<byte> transfer, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        while (!transfer.IsEmpty)
        {
            // First the four bytes that tell the length, then the rest.
            int length = UsbFrame.HeaderSize;
            if (_have >= UsbFrame.HeaderSize && !TryLength(ref transfer, out length)) return false;
            int count = Math.Min(length - _have, transfer.Length);
            transfer[..count].CopyTo(_partial.AsSpan(_have));
            transfer = transfer[count..];
            _have += count;
            if (_have == UsbFrame.HeaderSize && !TryLength(ref transfer, out length)) return false;
            if (_have < length || _have == UsbFrame.HeaderSize) continue;
            packet = _partial.AsSpan(UsbFrame.HeaderSize, _have - UsbFrame.HeaderSize);
            _have = 0;
            Packets++;
            return true;
        }

        return false;
    }

    /// <summary>Forgets a packet that is not complete, as after a reset of the device.</summary>
    public void Reset() => _have = 0;

    private bool TryLength(ref ReadOnlySpan<byte> transfer, out int length)
    {
        FrameFault fault = UsbFrame.TryParseHeader(_partial.AsSpan(0, UsbFrame.HeaderSize), UsbVersion.V11, out length);
        if (fault == FrameFault.None) return true;
        Fail(fault);
        transfer = default;
        return false;
    }

    private void Fail(FrameFault fault)
    {
        Faults++;
        LastFault = fault;
        _have = 0;
    }
}
