// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// A block of 32-bit registers, each with its reset value, its writable and write-one-to-clear bits, and hooks. Accesses of 1, 2, 4 and 8 bytes are
/// composed from registers: narrow writes touch their bytes only, an 8-byte access is two of 4 bytes, the lower first. Unaligned ones run byte by byte.
/// </summary>
/// <remarks>
/// Not synchronised: a function calls it under its lock (<see cref="PciFunction.Lock"/>), and the device's own threads take that lock, too.
/// No access throws or allocates; hooks must not throw.
/// </remarks>
public sealed class RegisterFile : IRegionHandler
{
    private const int RegisterSize = 4;

    private readonly Register?[] _registers;
    private readonly uint _undefined;

    /// <summary>A block in which nothing is defined yet.</summary>
    /// <param name="length">Bytes, a positive multiple of 8.</param>
    /// <param name="undefinedReadsOnes">What is not defined reads as ones; otherwise as zeroes. Writes there are swallowed.</param>
    public RegisterFile(int length, bool undefinedReadsOnes = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (length % 8 != 0) throw new ArgumentOutOfRangeException(nameof(length), length, "A register file is a multiple of 8 bytes long.");
        _registers = new Register?[length / RegisterSize];
        _undefined = undefinedReadsOnes ? uint.MaxValue : 0;
    }

    /// <summary>Bytes.</summary>
    public int Length => _registers.Length * RegisterSize;

    /// <summary>Accesses to places without a register so far, counted by register.</summary>
    public long UndefinedAccesses { get; private set; }

    /// <summary>Accesses so far that were not aligned to their own size.</summary>
    public long UnalignedAccesses { get; private set; }

    /// <summary>What a register holds, past its masks and hooks; for the device's own code. 0 where none is defined.</summary>
    /// <param name="offset">A multiple of 4, inside.</param>
    public uint this[int offset]
    {
        get => _registers[IndexOf(offset)]?.Value ?? 0;
        set => (_registers[IndexOf(offset)] ?? throw new ArgumentException($"There is no register at 0x{offset:x}.", nameof(offset))).Value = value;
    }

    /// <summary>Defines a register.</summary>
    /// <param name="offset">A multiple of 4, inside, not defined yet.</param>
    /// <param name="reset">Its value at first and after <see cref="Reset"/>.</param>
    /// <param name="writable">Bits that take what is written.</param>
    /// <param name="writeOneToClear">Bits that a written one clears; none of them writable.</param>
    /// <param name="onRead">Turns what the register holds into what a reader sees; runs once for each read of any of its bytes.</param>
    /// <param name="onWrite">Told each write after the masks were applied.</param>
    /// <returns>This file, for the next definition.</returns>
    public RegisterFile Add(
        int offset, uint reset = 0, uint writable = 0, uint writeOneToClear = 0, Func<uint, uint>? onRead = null, Action<RegisterWrite>? onWrite = null)
    {
        int index = IndexOf(offset);
        if (_registers[index] is not null) throw new ArgumentException($"There is a register at 0x{offset:x} already.", nameof(offset));
        if ((writable & writeOneToClear) != 0) throw new ArgumentException("A bit is writable or cleared by a one, not both.", nameof(writeOneToClear));
        _registers[index] = new Register(reset, writable, writeOneToClear, onRead, onWrite);
        return this;
    }

    /// <summary>Gives every register its reset value. Hooks are not called.</summary>
    public void Reset()
    {
        foreach (Register? register in _registers) register?.Reset();
    }

    /// <summary>Reads 1, 2, 4 or 8 bytes, little endian. What lies outside counts as undefined.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="size">1, 2, 4 or 8; another size reads as zero.</param>
    public ulong Read(int offset, int size)
    {
        if (!IsSize(size)) return 0;
        if ((offset & (size - 1)) != 0)
        {
            UnalignedAccesses++;
            ulong value = 0;
            for (int i = 0; i < size; i++) value |= (ulong)ReadLanes(unchecked(offset + i), 1) << (8 * i);
            return value;
        }

        if (size < 8) return ReadLanes(offset, size);
        ulong low = ReadLanes(offset, RegisterSize);
        return low | ((ulong)ReadLanes(offset + RegisterSize, RegisterSize) << 32);
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes, little endian. What lies outside is swallowed.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="size">1, 2, 4 or 8; another size is swallowed.</param>
    /// <param name="value">The value.</param>
    public void Write(int offset, int size, ulong value)
    {
        if (!IsSize(size)) return;
        if ((offset & (size - 1)) != 0)
        {
            UnalignedAccesses++;
            for (int i = 0; i < size; i++) WriteLanes(unchecked(offset + i), 1, (byte)(value >> (8 * i)));
            return;
        }

        WriteLanes(offset, Math.Min(size, RegisterSize), (uint)value);
        if (size == 8) WriteLanes(offset + RegisterSize, RegisterSize, (uint)(value >> 32));
    }

    private static bool IsSize(int size) => size is 1 or 2 or 4 or 8;

    private static uint LanesOf(int offset, int size) => (uint)((1ul << (8 * size)) - 1) << ShiftOf(offset);

    private static int ShiftOf(int offset) => 8 * (offset & (RegisterSize - 1));

    private int IndexOf(int offset)
    {
        if ((uint)offset >= (uint)Length || offset % RegisterSize != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"A register stands at a multiple of 4 inside {Length} bytes.");
        }

        return offset / RegisterSize;
    }

    // An aligned access inside one register.
    private uint ReadLanes(int offset, int size)
    {
        uint index = (uint)offset / RegisterSize;
        uint seen = _undefined;
        if (index < (uint)_registers.Length && _registers[index] is { } register) seen = register.Read();
        else UndefinedAccesses++;
        return (seen & LanesOf(offset, size)) >> ShiftOf(offset);
    }

    private void WriteLanes(int offset, int size, uint value)
    {
        uint index = (uint)offset / RegisterSize;
        if (index >= (uint)_registers.Length || _registers[index] is not { } register)
        {
            UndefinedAccesses++;
            return;
        }

        uint lanes = LanesOf(offset, size);
        register.Write((value << ShiftOf(offset)) & lanes, lanes);
    }

    private sealed class Register(uint reset, uint writable, uint writeOneToClear, Func<uint, uint>? onRead, Action<RegisterWrite>? onWrite)
    {
        private readonly uint _reset = reset;

        public uint Value { get; set; } = reset;

        public void Reset() => Value = _reset;

        public uint Read() => onRead is null ? Value : onRead(Value);

        public void Write(uint value, uint lanes)
        {
            uint before = Value;
            uint taken = writable & lanes;
            Value = ((before & ~taken) | (value & taken)) & ~(value & writeOneToClear);
            onWrite?.Invoke(new RegisterWrite(value, lanes, before));
        }
    }
}
