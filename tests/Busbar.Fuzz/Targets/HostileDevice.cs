// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// A PCI function that lies: its windows, registers, configuration space and interrupts are what an input says, and any of it may read all ones from one
/// access to the next. It counts what its driver does, and keeps canaries behind every window that is real memory.
/// </summary>
internal sealed class HostileDevice : IPciDevice, IPciConfigSpace
{
    /// <summary>Bytes of content behind each BAR, whatever length it claims.</summary>
    public const int ContentLength = 0x1_0000;

    public const int BarCount = 6;
    public const ushort IvshmemVendor = 0x1AF4;

    private const int Page = 4096;
    private const int Stride = ContentLength + Page;
    private const int MostOverrides = 16;
    private const byte Canary = 0xC3;

    // More than a driver can use; what a table of MSI-X may hold.
    private const int MostVectors = 2048;

    private static readonly long[] s_lengths =
    [
        0, 0x10, Page - 1, Page, Page + 3, 2 * Page, (2 * Page) + 6, 4 * Page, ContentLength, ContentLength + 2, 1 << 20, 1 << 30, (1L << 30) + 1, 1L << 40,
        long.MaxValue, long.MinValue,
    ];

    private readonly MappedMemory _memory = MappedMemory.CreateSealed("hostile", BarCount * Stride);
    private readonly SharedRegion _all;
    private readonly byte[] _config = new byte[256];
    private readonly byte[] _flags = new byte[BarCount];
    private readonly PciBar[] _bars = new PciBar[BarCount];
    private readonly int[] _offered = new int[3];
    private readonly bool[] _refused = new bool[3];
    private readonly List<SharedRegion> _regions = [];
    private readonly List<EventFd> _vectors = [];
    private readonly List<(int Bar, int Offset, uint Value)> _overrides = [];
    private readonly MailboxBlock _mailbox;
    private readonly bool _forgets;
    private long _onesFrom = long.MaxValue;
    private long _onesUntil;

    /// <summary>Reads what the device claims to be.</summary>
    /// <param name="reader">Kind, interrupts, and two bytes for each BAR.</param>
    public HostileDevice(ref InputReader reader)
    {
        byte kind = reader.Byte();
        IsIvshmem = (kind & 3) == 1;
        _forgets = (kind & 4) != 0;
        BinaryPrimitives.WriteUInt32LittleEndian(_config, IsIvshmem ? 0x1110_0000u | IvshmemVendor : 0x0001_1234);
        BinaryPrimitives.WriteUInt32LittleEndian(_config.AsSpan(8), (kind & 3) is 0 ? 0x0C0C_0001u : 0x0500_0001);
        _offered[(int)PciInterruptKind.Msix] = (reader.Byte() * 9) & (MostVectors - 1);

        // Its capability says that it has doorbells; the vectors may be refused all the same.
        if (IsIvshmem && _offered[(int)PciInterruptKind.Msix] > 0) (_config[6], _config[0x34], _config[0x40]) = (0x10, 0x40, 0x11);
        byte interrupts = reader.Byte();
        _offered[(int)PciInterruptKind.Msi] = interrupts & 7;
        _offered[(int)PciInterruptKind.Intx] = (interrupts >> 3) & 1;
        for (int each = 0; each < _refused.Length; each++) _refused[each] = (interrupts & (0x10 << each)) != 0;
        _mailbox = new MailboxBlock(1 + (reader.Byte() & 31), (side, pair) => Interrupt(side, pair));
        _all = _memory.Map();
        for (int bar = 0; bar < BarCount; bar++)
        {
            long length = s_lengths[reader.Byte() & 15];
            byte flags = _flags[bar] = reader.Byte();
            _bars[bar] = new PciBar(bar, length, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0);
            if (IsMemory(bar)) Guard(bar).Fill(Canary);
        }

        // Ours; a device without an id is waited for, which is not what is tried here.
        if (IsIvshmem) _all.Write32(Place(0, 8), 3);
    }

    public bool IsIvshmem { get; }

    /// <summary>Accesses to registers and trapped windows since the last turn began.</summary>
    public long Accesses { get; set; }

    /// <summary>The most that one turn may take.</summary>
    public long AccessLimit { get; set; } = long.MaxValue;

    /// <summary>Everything reads all ones.</summary>
    public bool IsGone { get; set; }

    /// <summary>Configuration space is refused by what is below, as a backend does whose device was pulled out.</summary>
    public bool RefusesConfig { get; set; }

    public MailboxBlock Mailbox => _mailbox;

    public string Name => "hostile";

    public string Backend => "fuzz";

    public IPciConfigSpace Config => this;

    public bool CanDma => false;

    public bool CanReset => false;

    int IPciConfigSpace.Length => _config.Length;

    public PciBar GetBar(int index) => _bars[index];

    public SharedRegion MapBar(int index, RegionAccess access, long offset = 0, int length = 0)
    {
        PciBar bar = _bars[index];
        long wanted = length == 0 ? bar.Length - offset : length;
        bool fits = offset >= 0 && offset % Page == 0 && wanted is > 0 and <= 1 << 30 && offset <= bar.Length - wanted;
        if (!fits || bar.IsIo || (_flags[index] & 0x20) != 0) throw new PciDeviceException(PciDeviceFault.Unsuitable, $"BAR {index} does not want to be mapped");
        SharedRegion region = access == RegionAccess.Ram && IsMemory(index)
            ? _memory.MapPart(((long)index * Stride) + offset, (int)wanted)
            : SharedRegion.Trap((int)wanted, new Trapped(this, index));
        _regions.Add(region);
        return region;
    }

    public int GetInterruptCount(PciInterruptKind kind) => _offered[(int)kind];

    public IReadOnlyList<PciInterrupt> EnableInterrupts(PciInterruptKind kind, int count)
    {
        if (_refused[(int)kind] || count > _offered[(int)kind]) throw new PciDeviceException(PciDeviceFault.Failed, "no vectors today");
        DisableInterrupts();
        for (int vector = 0; vector < count; vector++) _vectors.Add(EventFd.Create());
        return [.. _vectors.Select(static (counter, vector) => new PciInterrupt(vector, counter))];
    }

    public void DisableInterrupts()
    {
        foreach (EventFd vector in _vectors) vector.Dispose();
        _vectors.Clear();
    }

    public void SetBusMaster(bool enabled) => Configure(4, enabled ? 4u : 0, 1);

    public DmaMemory AllocateDma(int length) => throw new PciDeviceException(PciDeviceFault.Unsuitable, "no DMA");

    public void Reset() => throw new PciDeviceException(PciDeviceFault.Unsuitable, "no reset");

    public bool TryRestore()
    {
        Count();
        return _forgets;
    }

    public byte Read8(int offset) => (byte)ReadConfig(offset, 1);

    public ushort Read16(int offset) => (ushort)ReadConfig(offset, 2);

    public uint Read32(int offset) => ReadConfig(offset, 4);

    public void Write8(int offset, byte value) => Configure(offset, value, 1);

    public void Write16(int offset, ushort value) => Configure(offset, value, 2);

    public void Write32(int offset, uint value) => Configure(offset, value, 4);

    /// <summary>Another view of a BAR's content, as the processor behind the function has it.</summary>
    public SharedRegion? ViewFromBehind(int bar)
    {
        int length = (int)Math.Clamp(_bars[bar].Length, 0, ContentLength) & ~7;
        return length < Page ? null : _memory.MapPart((long)bar * Stride, length);
    }

    /// <summary>Changes content of a BAR behind its driver's back.</summary>
    public void Scribble(int bar, int offset, ReadOnlySpan<byte> bytes)
    {
        long end = Math.Clamp(_bars[bar].Length, 0, ContentLength);
        if (offset + bytes.Length <= end) _all.CopyFrom(Place(bar, offset), bytes);
    }

    /// <summary>A register reads this from now on.</summary>
    public void Override(int bar, int offset, uint value)
    {
        if (_overrides.Count == MostOverrides) _overrides.Clear();
        _overrides.Add((bar, offset, value));
    }

    /// <summary>Registers are themselves again.</summary>
    public void ForgetOverrides() => _overrides.Clear();

    /// <summary>All ones for some accesses, after some others.</summary>
    public void Vanish(int after, int length) => (_onesFrom, _onesUntil) = (Accesses + after, Accesses + after + length);

    /// <summary>An interrupt on any vector that is enabled.</summary>
    public void Raise(int vector)
    {
        if (_vectors.Count > 0) _vectors[vector % _vectors.Count].Ring();
    }

    /// <summary>True while nobody wrote behind a window.</summary>
    public bool AreCanariesAlive()
    {
        for (int bar = 0; bar < BarCount; bar++)
        {
            if (IsMemory(bar) && Guard(bar).IndexOfAnyExcept(Canary) >= 0) return false;
        }

        return true;
    }

    public void Dispose()
    {
        DisableInterrupts();
        foreach (SharedRegion region in _regions) region.Dispose();
    }

    /// <summary>The end of the memory itself, after everybody who looked at it.</summary>
    public void Scrap()
    {
        Dispose();
        _all.Dispose();
        _memory.Dispose();
    }

    private static int Place(int bar, int offset) => (bar * Stride) + offset;

    private bool IsMemory(int bar) => (_flags[bar] & 0x10) == 0 && _bars[bar].Length is > 0 and <= ContentLength;

    // From the end of the window to the end of the page behind it.
    private Span<byte> Guard(int bar)
    {
        int length = (int)_bars[bar].Length;
        return _all.Span(Place(bar, length), ((length + Page - 1) / Page * Page) + Page - length);
    }

    private void Interrupt(MailboxSide side, int pair)
    {
        if (side == MailboxSide.Discoverer) Raise(_mailbox.VectorOf(pair));
    }

    private void Count() => FuzzViolationException.Require(++Accesses <= AccessLimit, "a turn takes a bounded number of accesses");

    private bool AreOnes() => IsGone || (Accesses >= _onesFrom && Accesses < _onesUntil);

    private uint ReadConfig(int offset, int size)
    {
        Count();
        if (RefusesConfig) throw new PciDeviceException(PciDeviceFault.Failed, "configuration space does not answer");
        if (AreOnes()) return uint.MaxValue;
        uint value = 0;
        foreach (byte each in _config.AsSpan(offset, size)) value = (value >> 8) | ((uint)each << 24);
        return value >> (8 * (4 - size));
    }

    /// <summary>Writes configuration space, from either side.</summary>
    public void Configure(int offset, uint value, int size)
    {
        Count();
        for (int each = 0; each < size; each++) _config[offset + each] = (byte)(value >> (8 * each));
    }

    private sealed class Trapped(HostileDevice device, int bar) : IRegionHandler
    {
        private readonly bool _isMailbox = (device._flags[bar] & 0x40) != 0 && !device.IsIvshmem;

        public ulong Read(int offset, int size)
        {
            device.Count();
            if (device.AreOnes()) return ulong.MaxValue >> (64 - (8 * size));
            foreach ((int where, int register, uint value) in device._overrides)
            {
                if (where == bar && register == (offset & ~3)) return value >> (8 * (offset & 3));
            }

            if (_isMailbox && offset < MailboxFormat.Length) return device._mailbox.DiscovererView.Read(offset, size);
            if (offset > ContentLength - size) return (ulong)((offset * 0x9E3779B1L) >> 7) & (ulong.MaxValue >> (64 - (8 * size)));
            Span<byte> word = stackalloc byte[8];
            device._all.CopyTo(Place(bar, offset), word[..size]);
            return BinaryPrimitives.ReadUInt64LittleEndian(word);
        }

        public void Write(int offset, int size, ulong value)
        {
            device.Count();
            if (device.AreOnes()) return;
            if (_isMailbox && offset < MailboxFormat.Length)
            {
                device._mailbox.DiscovererView.Write(offset, size, value);
                return;
            }

            if (offset > ContentLength - size) return;
            Span<byte> word = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            device._all.CopyFrom(Place(bar, offset), word[..size]);
        }
    }
}
