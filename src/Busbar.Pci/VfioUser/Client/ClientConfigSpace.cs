// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Configuration space by message; all ones once the server is gone.</summary>
internal sealed class ClientConfigSpace(ClientWindow window, int length) : IPciConfigSpace
{
    public int Length => length;

    public byte Read8(int offset) => (byte)Read(offset, 1);

    public ushort Read16(int offset) => (ushort)Read(offset, 2);

    public uint Read32(int offset) => (uint)Read(offset, 4);

    public void Write8(int offset, byte value) => Write(offset, 1, value);

    public void Write16(int offset, ushort value) => Write(offset, 2, value);

    public void Write32(int offset, uint value) => Write(offset, 4, value);

    private ulong Read(int offset, int size)
    {
        ConfigRange.Check(offset, size, length);
        return window.Read(offset, size);
    }

    private void Write(int offset, int size, ulong value)
    {
        ConfigRange.Check(offset, size, length);
        window.Write(offset, size, value);
    }
}
