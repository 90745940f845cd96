// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// The interrupts of a function: the pin, MSI, and MSI-X with its table and pending bits. It has a lock of its own, the innermost of all, so that a device
/// may raise interrupts while it holds its own locks and while a guest's access is under way.
/// </summary>
internal sealed class InterruptUnit
{
    private const int EntryWords = 4;
    private const int ControlWord = 3;
    private const int VectorsPerWord = 64;

    private readonly Lock _lock = new();
    private readonly bool _hasPin;
    private readonly int _msiCount;
    private readonly int _msixCount;
    private readonly uint[] _table;
    private readonly ulong[] _msixPending;

    private IPciFunctionHost? _host;
    private InterruptSettings _settings;
    private uint _msiPending;
    private bool _level;
    private bool _asserted;
    private long _sent;
    private long _pended;
    private long _lost;

    public InterruptUnit(bool hasPin, int msiCount, int msixCount)
    {
        (_hasPin, _msiCount, _msixCount) = (hasPin, msiCount, msixCount);
        _table = new uint[msixCount * EntryWords];
        _msixPending = new ulong[(msixCount + VectorsPerWord - 1) / VectorsPerWord];
        Table = new TableWindow(this);
        PendingBits = new PendingWindow(this);
        ResetTable();
    }

    /// <summary>The table, for its window.</summary>
    public IRegionHandler Table { get; }

    /// <summary>The pending bits, for their window.</summary>
    public IRegionHandler PendingBits { get; }

    public int TableLength => _msixCount * EntryWords * sizeof(uint);

    public int PendingLength => _msixPending.Length * sizeof(ulong);

    public long Sent => Volatile.Read(ref _sent);

    public long Pended => Volatile.Read(ref _pended);

    public long Lost => Volatile.Read(ref _lost);

    /// <summary>What the device wants of its pin, for the status register.</summary>
    public bool Level => Volatile.Read(ref _level);

    /// <summary>Waiting MSI vectors, for their register.</summary>
    public uint MsiPending => Volatile.Read(ref _msiPending);

    public int CountOf(PciInterruptKind kind) => kind switch
    {
        PciInterruptKind.Msix => _msixCount,
        PciInterruptKind.Msi => _msiCount,
        PciInterruptKind.Intx => _hasPin ? 1 : 0,
        _ => 0,
    };

    public void Plug(IPciFunctionHost? host)
    {
        lock (_lock)
        {
            if (_asserted) _ = _host?.Interrupt(PciInterruptKind.Intx, 0, level: false);
            _asserted = false;
            _host = host;
            UpdatePin();
            SendUnmasked();
        }
    }

    public PciInterruptOutcome Raise(int vector)
    {
        lock (_lock)
        {
            if (vector < 0) return Lose();
            if (_settings.MsixEnabled)
            {
                if (vector >= _msixCount) return Lose();
                if (IsMsixMasked(vector)) return Pend(ref _msixPending[vector / VectorsPerWord], 1ul << (vector % VectorsPerWord));
                return Send(PciInterruptKind.Msix, vector);
            }

            if (_settings.MsiEnabled)
            {
                // The driver may have been granted fewer vectors than the device has: what is beyond wraps (PCI Local Bus 3.0, 6.8.3.4).
                int granted = vector & (_settings.MsiGranted - 1);
                if (!IsMsiMasked(granted)) return Send(PciInterruptKind.Msi, granted);
                ulong pending = _msiPending;
                PciInterruptOutcome outcome = Pend(ref pending, 1ul << granted);
                Volatile.Write(ref _msiPending, (uint)pending);
                return outcome;
            }

            if (!_hasPin) return Lose();
            _level = true;
            UpdatePin();
            return _asserted ? PciInterruptOutcome.Sent : PciInterruptOutcome.Pending;
        }
    }

    public void SetLevel(bool level)
    {
        if (!_hasPin) return;
        lock (_lock)
        {
            if (_level == level) return;
            _level = level;
            UpdatePin();
        }
    }

    /// <summary>Takes over what the configuration space says, and sends what has become possible.</summary>
    /// <param name="settings">The settings.</param>
    public void Configure(InterruptSettings settings)
    {
        lock (_lock)
        {
            if (_settings == settings) return;

            // A message for a driver that has let go of its vectors must not surprise the next one.
            if (_settings.MsixEnabled && !settings.MsixEnabled) Array.Clear(_msixPending);
            if (_settings.MsiEnabled && !settings.MsiEnabled) _msiPending = 0;
            _settings = settings;
            UpdatePin();
            SendUnmasked();
        }
    }

    /// <summary>Everything starts over; what waits is dropped.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            ResetTable();
            Array.Clear(_msixPending);
            _msiPending = 0;
            _level = false;
            _settings = default;
            UpdatePin();
        }
    }

    private void ResetTable()
    {
        Array.Clear(_table);
        for (int vector = 0; vector < _msixCount; vector++) _table[(vector * EntryWords) + ControlWord] = 1;
    }

    private bool IsMsixMasked(int vector) =>
        !_settings.IsBusMaster
        || (_host is not { MasksMsix: true } && (_settings.MsixMasked || (_table[(vector * EntryWords) + ControlWord] & 1) != 0));

    private bool IsMsiMasked(int vector) => !_settings.IsBusMaster || ((_settings.MsiMask >> vector) & 1) != 0;

    private PciInterruptOutcome Send(PciInterruptKind kind, int vector)
    {
        if (_host is not { } host || !host.Interrupt(kind, vector, level: true)) return Lose();
        _sent++;
        return PciInterruptOutcome.Sent;
    }

    private PciInterruptOutcome Lose()
    {
        _lost++;
        return PciInterruptOutcome.Lost;
    }

    private PciInterruptOutcome Pend(ref ulong pending, ulong bit)
    {
        pending |= bit;
        _pended++;
        return PciInterruptOutcome.Pending;
    }

    private void UpdatePin()
    {
        bool wanted = _level && !_settings.IntxDisabled && !_settings.MsiEnabled && !_settings.MsixEnabled && _host is not null;
        if (wanted == _asserted) return;
        _asserted = wanted;
        if (!_host!.Interrupt(PciInterruptKind.Intx, 0, wanted)) _lost += wanted ? 1 : 0;
        else if (wanted) _sent++;
    }

    private void SendUnmasked()
    {
        if (_settings.MsixEnabled)
        {
            for (int word = 0; word < _msixPending.Length; word++)
            {
                for (ulong rest = _msixPending[word]; rest != 0; rest &= rest - 1)
                {
                    int bit = BitOperations.TrailingZeroCount(rest);
                    int vector = (word * VectorsPerWord) + bit;
                    if (IsMsixMasked(vector)) continue;
                    _msixPending[word] &= ~(1ul << bit);
                    _ = Send(PciInterruptKind.Msix, vector);
                }
            }
        }
        else if (_settings.MsiEnabled)
        {
            for (uint rest = _msiPending; rest != 0; rest &= rest - 1)
            {
                int vector = BitOperations.TrailingZeroCount(rest);

                // Fewer may be granted by now than when it was raised.
                int granted = vector & (_settings.MsiGranted - 1);
                if (IsMsiMasked(vector) || IsMsiMasked(granted)) continue;
                Volatile.Write(ref _msiPending, _msiPending & ~(1u << vector));
                _ = Send(PciInterruptKind.Msi, granted);
            }
        }
    }

    private void WriteTable(int offset, uint value, uint lanes)
    {
        int word = offset / sizeof(uint);
        if ((uint)word >= (uint)_table.Length) return;
        uint writable = (word % EntryWords) switch
        {
            0 => 0xFFFFFFFC,
            ControlWord => 1,
            _ => uint.MaxValue,
        };
        writable &= lanes;
        lock (_lock)
        {
            _table[word] = (_table[word] & ~writable) | (value & writable);
            if (word % EntryWords == ControlWord) SendUnmasked();
        }
    }

    private sealed class TableWindow(InterruptUnit unit) : IRegionHandler
    {
        public ulong Read(int offset, int size)
        {
            if (size == 8) return Read(offset, 4) | (Read(offset + 4, 4) << 32);
            int word = offset / sizeof(uint);
            if ((uint)word >= (uint)unit._table.Length) return 0;
            uint value = Volatile.Read(ref unit._table[word]);
            return (value >> (8 * (offset & 3))) & ((1ul << (8 * size)) - 1);
        }

        public void Write(int offset, int size, ulong value)
        {
            int shift = 8 * (offset & 3);
            uint lanes = (uint)((1ul << (8 * Math.Min(size, 4))) - 1) << shift;
            unit.WriteTable(offset, (uint)value << shift, lanes);
            if (size == 8) unit.WriteTable(offset + 4, (uint)(value >> 32), uint.MaxValue);
        }
    }

    private sealed class PendingWindow(InterruptUnit unit) : IRegionHandler
    {
        public ulong Read(int offset, int size)
        {
            int word = offset / sizeof(ulong);
            if ((uint)word >= (uint)unit._msixPending.Length) return 0;
            ulong value = Volatile.Read(ref unit._msixPending[word]) >> (8 * (offset & 7));
            return size == 8 ? value : value & ((1ul << (8 * size)) - 1);
        }

        public void Write(int offset, int size, ulong value)
        {
            // The pending bits are the function's alone.
        }
    }
}
