// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>
/// A small function: BAR 0 registers (32 bits, 4 KiB), BAR 2 memory (64 bits, 1 MiB, mappable but for its last page), BAR 4 the MSI-X table (4 KiB);
/// INTA and four MSI-X vectors. Config space sizes BARs as hardware does.
/// </summary>
internal sealed class VfioUserTestFunction : IPciFunction, IDisposable
{
    public const int MemoryLength = 1 << 20;
    public const int Vectors = 4;
    public const uint Identity = 0xB0B0_0001;
    public const int IdentityRegister = 0;
    public const int ScratchRegister = 4;
    public const int RaiseRegister = 8;
    public const int LevelRegister = 0xC;
    public const int DmaLowRegister = 0x10;
    public const int DmaHighRegister = 0x14;
    public const int DmaReadRegister = 0x18;
    public const int DmaStatusRegister = 0x1C;
    public const int DmaIncrementRegister = 0x20;
    public const int MsixCapability = 0x40;

    private readonly Lock _lock = new();
    private readonly byte[] _config = new byte[256];
    private readonly byte[] _writable = new byte[256];
    private readonly byte[] _registers = new byte[4096];
    private readonly byte[] _table = new byte[4096];
    private IPciFunctionHost? _host;

    public VfioUserTestFunction()
    {
        Memory = MappedMemory.CreateSealed("test-bar", MemoryLength);
        Window = Memory.Map();
        Bars =
        [
            new PciFunctionBar(4096, Is64Bit: false, IsPrefetchable: false),
            null,
            new PciFunctionBar(MemoryLength, Is64Bit: true, IsPrefetchable: true)
            {
                Memory = Memory,
                Mappable = [new PciMappableArea(0, 8192), new PciMappableArea(16384, MemoryLength - 16384 - 4096)],
            },
            null,
            new PciFunctionBar(4096, Is64Bit: false, IsPrefetchable: false),
            null,
        ];
        Put16(0, 0x1234);
        Put16(2, 0x5678);
        Put16(6, 0x10);
        Put16(4, 0, 0x0407);
        _config[0x0B] = 0xFF;
        Put32(0x10, 0, ~0xFFFu);
        Put32(0x18, 0xC, ~(uint)(MemoryLength - 1));
        Put32(0x1C, 0, ~0u);
        Put32(0x20, 0, ~0xFFFu);
        Put16(0x2C, 0x1234);
        _config[0x34] = MsixCapability;
        _writable[0x3C] = 0xFF;
        _config[0x3D] = 1;
        _config[MsixCapability] = 0x11;
        Put16(MsixCapability + 2, Vectors - 1, 0xC000);
        Put32(MsixCapability + 4, 4, 0);
        Put32(MsixCapability + 8, 0x800 | 4, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(_registers, Identity);
    }

    public string Name => "test";

    public int ConfigLength => 256;

    public IReadOnlyList<PciFunctionBar?> Bars { get; }

    public MappedMemory Memory { get; }

    public Busbar.Memory.SharedRegion Window { get; }

    public IPciFunctionHost? Host => _host;

    public int Resets { get; private set; }

    public int Accesses { get; private set; }

    /// <summary>When set: called in front of each write of a BAR.</summary>
    public Action? BeforeWrite { get; set; }

    public int GetInterruptCount(PciInterruptKind kind) => kind switch
    {
        PciInterruptKind.Intx => 1,
        PciInterruptKind.Msix => Vectors,
        _ => 0,
    };

    public void Plug(IPciFunctionHost? host) => _host = host;

    public void ReadConfig(int offset, Span<byte> data)
    {
        lock (_lock)
        {
            for (int i = 0; i < data.Length; i++) data[i] = (uint)(offset + i) < 256 ? _config[offset + i] : (byte)0xFF;
        }
    }

    public void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            for (int i = 0; i < data.Length && offset + i < 256; i++)
            {
                int at = offset + i;
                _config[at] = (byte)((_config[at] & ~_writable[at]) | (data[i] & _writable[at]));
            }
        }
    }

    public void ReadBar(int bar, long offset, Span<byte> data)
    {
        lock (_lock)
        {
            Accesses++;
            if (bar == 2) Window.CopyTo((int)offset, data);
            else if (bar is 0 or 4) (bar == 0 ? _registers : _table).AsSpan((int)offset, data.Length).CopyTo(data);
            else data.Fill(0xFF);
        }
    }

    public void WriteBar(int bar, long offset, ReadOnlySpan<byte> data)
    {
        BeforeWrite?.Invoke();
        lock (_lock)
        {
            Accesses++;
            if (bar == 2) Window.CopyFrom((int)offset, data);
            if (bar == 4) data.CopyTo(_table.AsSpan((int)offset));
            if (bar != 0) return;
            data.CopyTo(_registers.AsSpan((int)offset));
            BinaryPrimitives.WriteUInt32LittleEndian(_registers, Identity);
            if (data.Length == 4) Act((int)offset, BinaryPrimitives.ReadUInt32LittleEndian(data));
        }
    }

    public void Reset()
    {
        lock (_lock)
        {
            Resets++;
            Array.Clear(_registers, 4, _registers.Length - 4);
            _config[6] = (byte)(_config[6] & ~8);
            _host?.Interrupt(PciInterruptKind.Intx, 0, false);
        }
    }

    public void Dispose()
    {
        Window.Dispose();
        Memory.Dispose();
    }

    private void Act(int register, uint value)
    {
        Span<byte> word = stackalloc byte[4];
        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(_registers.AsSpan(DmaLowRegister));
        bool done = false;
        switch (register)
        {
            case RaiseRegister:
                _host?.Interrupt(PciInterruptKind.Msix, (int)value, true);
                return;
            case LevelRegister:
                // Interrupt status of the status register: drivers for shared pins look there whether the level is ours.
                _config[6] = (byte)((_config[6] & ~8) | (value != 0 ? 8 : 0));
                _host?.Interrupt(PciInterruptKind.Intx, 0, value != 0);
                return;
            case DmaReadRegister:
                done = _host is { } host && host.TryReadDma(address, word);
                word.CopyTo(_registers.AsSpan(DmaReadRegister));
                break;
            case DmaIncrementRegister:
                done = _host is { } other && other.TryReadDma(address, word);
                BinaryPrimitives.WriteUInt32LittleEndian(word, BinaryPrimitives.ReadUInt32LittleEndian(word) + value);
                done = done && _host!.TryWriteDma(address, word);
                break;
            default:
                return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_registers.AsSpan(DmaStatusRegister), done ? 1u : 2u);
    }

    private void Put16(int offset, ushort value, ushort writable = 0)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_config.AsSpan(offset), value);
        BinaryPrimitives.WriteUInt16LittleEndian(_writable.AsSpan(offset), writable);
    }

    private void Put32(int offset, uint value, uint writable)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_config.AsSpan(offset), value);
        BinaryPrimitives.WriteUInt32LittleEndian(_writable.AsSpan(offset), writable);
    }
}
