// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>Puts packets into one transfer of version 1.0, as many as fit.</summary>
public ref struct UsbTransferWriter
{
    private readonly Span<byte> _transfer;

    /// <summary>Begins a transfer.</summary>
    /// <param name="transfer">Where it is made; its length is that of the largest transfer, at most 512 on a high-speed bus.</param>
    public UsbTransferWriter(Span<byte> transfer) => _transfer = transfer;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a packet.</summary>
    /// <param name="packet">Header first.</param>
    /// <returns>False when it does not fit any more; it then belongs into the next transfer.</returns>
    public bool TryAdd(ReadOnlySpan<byte> packet)
    {
        if (UsbFrame.HeaderSize + packet.Length > _transfer.Length - Length) return false;
        Length += UsbFrame.Write(packet, UsbVersion.V10, _transfer[Length..]);
        return true;
    }
}
