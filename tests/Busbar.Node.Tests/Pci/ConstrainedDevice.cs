// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Pci;

namespace Busbar.Node.Tests;

/// <summary>
/// A function in the hands of a way to it that can less: no interrupts of a kind, fewer vectors than the function has, windows beyond reach. It also notes the
/// order of the driver's accesses, and can answer for a function that was pulled out.
/// </summary>
internal sealed class ConstrainedDevice(IPciDevice inner) : IPciDevice, IPciConfigSpace
{
    private readonly Lock _gate = new();
    private readonly List<DriverAccess> _accesses = [];

    /// <summary>How many vectors of each kind are offered; what the function says by default.</summary>
    public Func<PciInterruptKind, int> Offered { get; init; } = inner.GetInterruptCount;

    /// <summary>The most vectors that the machine has left.</summary>
    public int MostVectors { get; init; } = int.MaxValue;

    /// <summary>BARs that the kernel gave no address.</summary>
    public IReadOnlyList<int> Unassigned { get; init; } = [];

    /// <summary>True to note accesses; windows are then reached access by access.</summary>
    public bool IsRecording { get; init; }

    /// <summary>Configuration space reads ones from this register on; what is below is answered by the kernel.</summary>
    public int OnesFrom { get; set; } = int.MaxValue;

    /// <summary>Vectors enabled last.</summary>
    public int Enabled { get; private set; }

    public IReadOnlyList<DriverAccess> Accesses
    {
        get
        {
            lock (_gate) return [.. _accesses];
        }
    }

    public string Name => inner.Name;

    public string Backend => inner.Backend;

    public IPciConfigSpace Config => this;

    public bool CanDma => inner.CanDma;

    public bool CanReset { get; init; } = inner.CanReset;

    /// <summary>What the reset after a failure does.</summary>
    public Action? OnRecovery { get; set; }

    public int Length => inner.Config.Length;

    public PciBar GetBar(int index) => inner.GetBar(index) with { IsMappable = !Unassigned.Contains(index) };

    public SharedRegion MapBar(int index, RegionAccess access, long offset = 0, int length = 0)
    {
        if (Unassigned.Contains(index)) throw new PciDeviceException(PciDeviceFault.Unsuitable, $"BAR {index} cannot be mapped: the kernel gave it no address");
        SharedRegion region = inner.MapBar(index, access, offset, length);
        return IsRecording ? SharedRegion.Trap(region.Length, new Recorder(this, region, index, (int)offset)) : region;
    }

    public int GetInterruptCount(PciInterruptKind kind) => Offered(kind);

    public IReadOnlyList<PciInterrupt> EnableInterrupts(PciInterruptKind kind, int count)
    {
        if (count > MostVectors) throw new PciDeviceException(PciDeviceFault.Failed, $"the machine has {MostVectors} vectors, not {count}");
        IReadOnlyList<PciInterrupt> interrupts = inner.EnableInterrupts(kind, count);
        Enabled = count;
        return interrupts;
    }

    public void DisableInterrupts() => inner.DisableInterrupts();

    public void SetBusMaster(bool enabled) => inner.SetBusMaster(enabled);

    public DmaMemory AllocateDma(int length) => inner.AllocateDma(length);

    public void Reset() => inner.Reset();

    public bool TryRestore() => inner.TryRestore();

    /// <summary>What the kernel says when the function is unplugged.</summary>
    public bool IsWantedBack { get; set; }

    /// <summary>What the platform says after an uncorrectable error; a reset of the function takes it back.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Resets that were asked for after a failure; the first of them are refused.</summary>
    public int Recoveries { get; private set; }

    /// <summary>How many of them are refused.</summary>
    public int RefusedRecoveries { get; init; }

    /// <summary>True once its last user let go.</summary>
    public bool IsDisposed { get; private set; }

    public bool TryRecover()
    {
        if (!HasFailed) return true;
        if (!CanReset || ++Recoveries <= RefusedRecoveries) return false;
        HasFailed = false;
        OnRecovery?.Invoke();
        return true;
    }

    public void Dispose()
    {
        IsDisposed = true;
        inner.Dispose();
    }

    public byte Read8(int offset) => offset >= OnesFrom ? byte.MaxValue : inner.Config.Read8(offset);

    public ushort Read16(int offset) => offset >= OnesFrom ? ushort.MaxValue : inner.Config.Read16(offset);

    public uint Read32(int offset) => offset >= OnesFrom ? uint.MaxValue : inner.Config.Read32(offset);

    public void Write8(int offset, byte value) => inner.Config.Write8(offset, value);

    public void Write16(int offset, ushort value) => inner.Config.Write16(offset, value);

    public void Write32(int offset, uint value) => inner.Config.Write32(offset, value);

    private void Note(DriverAccess access)
    {
        lock (_gate) _accesses.Add(access);
    }

    private sealed class Recorder(ConstrainedDevice device, SharedRegion region, int bar, int start) : IRegionHandler
    {
        public ulong Read(int offset, int size)
        {
            ulong value = size switch { 1 => region.Read8(offset), 2 => region.Read16(offset), 4 => region.Read32(offset), _ => region.Read64(offset) };
            device.Note(new DriverAccess(bar, start + offset, IsWrite: false, value));
            return value;
        }

        public void Write(int offset, int size, ulong value)
        {
            device.Note(new DriverAccess(bar, start + offset, IsWrite: true, value));
            switch (size)
            {
                case 1: region.Write8(offset, (byte)value); break;
                case 2: region.Write16(offset, (ushort)value); break;
                case 4: region.Write32(offset, (uint)value); break;
                default: region.Write64(offset, value); break;
            }
        }
    }
}
