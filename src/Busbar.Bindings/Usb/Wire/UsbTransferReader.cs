// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>The packets of one transfer of version 1.0. At the first fault the rest of the transfer is given up, as its frames cannot be found any more.</summary>
public ref struct UsbTransferReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Begins with a transfer.</summary>
    /// <param name="transfer">All its bytes; none is a transfer without packets.</param>
    public UsbTransferReader(ReadOnlySpan<byte> transfer) => _rest = transfer;

    /// <summary>What ended the transfer early; none while it is good.</summary>
    public FrameFault Fault { get; private set; }

    /// <summary>Takes the next packet.</summary>
    /// <param name="packet">Header first, in the transfer's memory.</param>
    /// <returns>False at the end of the transfer, or at a fault.</returns>
    public bool TryNext(out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (_rest.IsEmpty) return false;
        Fault = UsbFrame.TryParseHeader(_rest, UsbVersion.V10, out int length);
        if (Fault == FrameFault.None && length > _rest.Length) Fault = FrameFault.Truncated;
        if (Fault != FrameFault.None)
        {
            _rest = default;
            return false;
        }

        packet = _rest[UsbFrame.HeaderSize..length];
        _rest = _rest[length..];
        return true;
    }
}
