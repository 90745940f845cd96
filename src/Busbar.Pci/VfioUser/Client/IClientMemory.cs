// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Memory that a client has given to the device, for a server that asks for it by message.</summary>
internal interface IClientMemory
{
    bool TryRead(ulong address, Span<byte> data);

    bool TryWrite(ulong address, ReadOnlySpan<byte> data);
}
