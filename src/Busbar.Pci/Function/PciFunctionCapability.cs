// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;

namespace Busbar.Pci;

/// <summary>
/// A capability as an emulated function shows it: its bytes, which of them the driver can change, and which it clears by writing ones. The function
/// places it, links it, and gives those of interrupts, power and PCI Express their meaning.
/// </summary>
public sealed class PciFunctionCapability
{
    internal const int IdPowerManagement = 0x01;
    internal const int IdMsi = 0x05;
    internal const int IdVendor = 0x09;
    internal const int IdExpress = 0x10;
    internal const int IdMsix = 0x11;

    private const int IdSerialNumber = 0x03;
    private const int IdVendorSpecific = 0x0B;
    private const int IdDesignatedVendorSpecific = 0x23;

    private const int LargestMsixCount = 2048;
    private const int DefaultPendingOffset = 0x800;

    private PciFunctionCapability(int id, int length, bool isExtended = false)
    {
        (Id, IsExtended) = (id, isExtended);
        (Value, Writable, WriteOneToClear) = (new byte[length], new byte[length], new byte[length]);
    }

    /// <summary>Its number in the standard.</summary>
    public int Id { get; }

    /// <summary>True when it stands from 0x100 on.</summary>
    public bool IsExtended { get; }

    /// <summary>Bytes, with its header.</summary>
    public int Length => Value.Length;

    internal byte[] Value { get; }

    internal byte[] Writable { get; }

    internal byte[] WriteOneToClear { get; }

    internal int Vectors { get; private init; }

    internal bool Is64Bit { get; private init; }

    internal bool HasMasks { get; private init; }

    internal int TableBar { get; private init; }

    internal int TableOffset { get; private init; }

    internal int PendingOffset { get; private init; }

    /// <summary>Power management (PCI PM 1.2): states D0 and D3hot, no events, no reset on the way back.</summary>
    public static PciFunctionCapability PowerManagement()
    {
        var made = new PciFunctionCapability(IdPowerManagement, 8);
        made.Set16(2, 0x0003);
        made.Set16(4, 0x0008, writable: 0x0003);
        return made;
    }

    /// <summary>Message-signalled interrupts (PCI Local Bus 3.0, 6.8.1).</summary>
    /// <param name="vectors">1, 2, 4, 8, 16 or 32.</param>
    /// <param name="is64Bit">True when messages may go beyond 4 GiB.</param>
    /// <param name="hasMasks">True to give each vector a mask and a pending bit.</param>
    public static PciFunctionCapability Msi(int vectors = 1, bool is64Bit = true, bool hasMasks = false)
    {
        if (vectors is < 1 or > 32 || !BitOperations.IsPow2(vectors)) throw new ArgumentOutOfRangeException(nameof(vectors), vectors, "MSI has 1, 2, 4, 8, 16 or 32 vectors.");
        int data = is64Bit ? 0x0C : 0x08;
        var made = new PciFunctionCapability(IdMsi, hasMasks ? data + 12 : data + 2) { Vectors = vectors, Is64Bit = is64Bit, HasMasks = hasMasks };
        int control = (BitOperations.Log2((uint)vectors) << 1) | (is64Bit ? 0x80 : 0) | (hasMasks ? 0x100 : 0);
        made.Set16(2, control, writable: 0x0071);
        made.Set32(4, 0, writable: 0xFFFFFFFC);
        if (is64Bit) made.Set32(8, 0, writable: uint.MaxValue);
        made.Set16(data, 0, writable: 0xFFFF);
        if (hasMasks) made.Set32(data + 4, 0, writable: (uint)((1ul << vectors) - 1));
        return made;
    }

    /// <summary>Message-signalled interrupts with a table (PCI Local Bus 3.0, 6.8.2). The function puts table and pending bits into the window itself.</summary>
    /// <param name="vectors">1 to 2048.</param>
    /// <param name="bar">The window of both; one of the function's plans, with nothing else where they go.</param>
    /// <param name="tableOffset">First byte of the table (16 bytes for each vector), a multiple of 8.</param>
    /// <param name="pendingOffset">First byte of the pending bits (8 bytes for each 64 vectors), a multiple of 8; -1 for the next multiple of 2 KiB behind the table.</param>
    public static PciFunctionCapability Msix(int vectors, int bar, int tableOffset = 0, int pendingOffset = -1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vectors, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vectors, LargestMsixCount);
        ArgumentOutOfRangeException.ThrowIfNegative(bar);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bar, 5);
        ArgumentOutOfRangeException.ThrowIfNegative(tableOffset);
        if (pendingOffset < 0) pendingOffset = (tableOffset + (16 * vectors) + DefaultPendingOffset - 1) / DefaultPendingOffset * DefaultPendingOffset;
        if (tableOffset % 8 != 0 || pendingOffset % 8 != 0) throw new ArgumentException("Table and pending bits start at multiples of 8.", nameof(tableOffset));
        var made = new PciFunctionCapability(IdMsix, 12) { Vectors = vectors, TableBar = bar, TableOffset = tableOffset, PendingOffset = pendingOffset };
        made.Set16(2, vectors - 1, writable: 0xC000);
        made.Set32(4, (uint)(tableOffset | bar));
        made.Set32(8, (uint)(pendingOffset | bar));
        return made;
    }

    /// <summary>PCI Express, version 2 endpoint, one lane of 2.5 GT/s (PCI Express Base, 7.5.3).</summary>
    /// <param name="hasFunctionLevelReset">True to let the driver reset the function by the device control register.</param>
    public static PciFunctionCapability Express(bool hasFunctionLevelReset = true)
    {
        var made = new PciFunctionCapability(IdExpress, 0x3C);
        made.Set16(0x02, 0x0002);
        made.Set32(0x04, 0x8020u | (hasFunctionLevelReset ? 1u << 28 : 0));
        made.Set16(0x08, 0x2810, writable: 0x7FFF);
        made.Set16(0x0A, 0, writeOneToClear: 0x000F);
        made.Set32(0x0C, 0x0011);
        made.Set16(0x10, 0, writable: 0x00CB);
        made.Set16(0x12, 0x0011);
        made.Set32(0x24, 0x0010);
        made.Set16(0x28, 0, writable: 0x001F);
        made.Set32(0x2C, 0x0002);
        made.Set16(0x30, 0x0001, writable: 0x000F);
        return made;
    }

    /// <summary>A vendor's own capability: identifier, next, length, and then the body.</summary>
    /// <param name="body">From byte 3 on, at most 253 bytes less what else is in the list.</param>
    /// <param name="writable">Bits of the body that the driver can change; shorter than the body means none in the rest.</param>
    public static PciFunctionCapability Vendor(ReadOnlySpan<byte> body, ReadOnlySpan<byte> writable = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, 0xC0 - 3);
        var made = new PciFunctionCapability(IdVendor, body.Length + 3);
        made.Value[2] = (byte)made.Length;
        made.SetBody(3, body, writable);
        return made;
    }

    /// <summary>The device's serial number, an EUI-64 (PCI Express Base, 7.9.3).</summary>
    /// <param name="number">The number.</param>
    public static PciFunctionCapability SerialNumber(ulong number)
    {
        var made = new PciFunctionCapability(IdSerialNumber, 12, isExtended: true);
        made.Set32(4, (uint)number);
        made.Set32(8, (uint)(number >> 32));
        return made;
    }

    /// <summary>A vendor's own extended capability (PCI Express Base, 7.9.5).</summary>
    /// <param name="id">The vendor's number for it, 16 bits.</param>
    /// <param name="revision">0 to 15.</param>
    /// <param name="body">From byte 8 on.</param>
    /// <param name="writable">As for <see cref="Vendor"/>.</param>
    public static PciFunctionCapability VendorSpecific(int id, int revision, ReadOnlySpan<byte> body, ReadOnlySpan<byte> writable = default)
    {
        var made = new PciFunctionCapability(IdVendorSpecific, Extended(id, revision, 8 + body.Length), isExtended: true);
        made.Set32(4, (uint)id | ((uint)revision << 16) | ((uint)made.Length << 20));
        made.SetBody(8, body, writable);
        return made;
    }

    /// <summary>An extended capability that one vendor designed for functions of others (PCI Express Base, 7.9.6).</summary>
    /// <param name="vendor">Who designed it.</param>
    /// <param name="revision">0 to 15.</param>
    /// <param name="id">That vendor's number for it, 16 bits.</param>
    /// <param name="body">From byte 10 on.</param>
    /// <param name="writable">As for <see cref="Vendor"/>.</param>
    public static PciFunctionCapability DesignatedVendorSpecific(
        ushort vendor, int revision, int id, ReadOnlySpan<byte> body, ReadOnlySpan<byte> writable = default)
    {
        var made = new PciFunctionCapability(IdDesignatedVendorSpecific, Extended(id, revision, 10 + body.Length), isExtended: true);
        made.Set32(4, vendor | ((uint)revision << 16) | ((uint)made.Length << 20));
        made.Set16(8, id);
        made.SetBody(10, body, writable);
        return made;
    }

    private static int Extended(int id, int revision, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(revision, 15);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 0xF00);
        return length;
    }

    private void Set16(int offset, int value, int writable = 0, int writeOneToClear = 0)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Value.AsSpan(offset), (ushort)value);
        BinaryPrimitives.WriteUInt16LittleEndian(Writable.AsSpan(offset), (ushort)writable);
        BinaryPrimitives.WriteUInt16LittleEndian(WriteOneToClear.AsSpan(offset), (ushort)writeOneToClear);
    }

    private void Set32(int offset, uint value, uint writable = 0)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Value.AsSpan(offset), value);
        BinaryPrimitives.WriteUInt32LittleEndian(Writable.AsSpan(offset), writable);
    }

    private void SetBody(int offset, ReadOnlySpan<byte> body, ReadOnlySpan<byte> writable)
    {
        body.CopyTo(Value.AsSpan(offset));
        writable[..Math.Min(writable.Length, body.Length)].CopyTo(Writable.AsSpan(offset));
    }
}
