// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// The management controller's half of the 2024 generation (aspeed-pcie-mmbi), dialect v1.0-aspeed. Reacts only to its doorbell byte; the
/// doorbell that takes it to runtime sets B_RDY and does nothing else; a host's reset ends at 0x8 in one go, but spins while packets of the
/// host are unread.
/// </summary>
internal sealed class AspeedOwner2024 : DriverModel
{
    private const byte BellValue = 0xC6;
    private readonly int _ros = 0x40;
    private readonly int _rws;
    private readonly int _bell;
    private readonly DriverRing _transmit;
    private readonly DriverRing _receive;
    private bool _isRunning;
    private bool _isSpinning;

    public AspeedOwner2024(SharedRegion window)
        : base(window)
    {
        int half = window.Length / 2;
        _rws = half;
        _bell = window.Length - 8;
        _transmit = new DriverRing(window, 0x48, half - 0x48, _ros, _rws + 4);
        _receive = new DriverRing(window, half + 8, half - 16, _rws, _ros + 4);
    }

    public int Resets { get; private set; }

    public int Spins { get; private set; }

    public override bool CanRing => false;

    public void Boot()
    {
        Window.Clear(_ros, 8);
        Window.Clear(_rws, 8);
        byte[] descriptor = new byte[64];
        "#MMBI$"u8.CopyTo(descriptor);
        descriptor[6] = 1;
        descriptor[7] = 1;
        Put(descriptor, 8, 0x48 / 8);
        Put(descriptor, 12, (uint)(_rws + 8) / 8);
        Put(descriptor, 16, (uint)_transmit.Length);
        Put(descriptor, 20, (uint)_receive.Length);
        descriptor[24] = 1;
        Put(descriptor, 32, (uint)_ros / 8);
        Put(descriptor, 36, (uint)_rws / 8);
        descriptor[40] = 1;
        descriptor[46] = 1;
        Put(descriptor, 47, (uint)_bell);
        descriptor[55] = BellValue;

        // Ascending, signature first.
        for (int i = 0; i < descriptor.Length; i++) Window.Write8(i, descriptor[i]);
        _isRunning = false;
        SetFlag(_ros, 2, true);
    }

    public override bool Send(byte[] payload)
    {
        if (State(_ros, _rws) != 0xA || !Flag(_rws + 4, 1)) return false;
        int padded = (payload.Length + 3) & ~3;
        int total = 4 + padded;
        int write = _transmit.WritePointer;
        int read = _transmit.ReadPointer;
        int free = _transmit.Length - (write >= read ? write - read : _transmit.Length - read + write);
        if (free <= 4 || total > free - 4) return false;
        byte[] header = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)total | (uint)(padded - payload.Length) | (4u << 24));
        _transmit.Put(write, header);
        _transmit.Put(write + 4, payload);
        _transmit.WritePointer = write + total <= _transmit.Length ? write + total : write + total - _transmit.Length;
        return true;
    }

    public override void Step(long now)
    {
        // The hardware compares the byte with the programmed value; taking it away stands for acknowledging the interrupt.
        bool isRung = Window.Read8(_bell) == BellValue;
        if (isRung) Window.Write8(_bell, 0);
        if (_isSpinning)
        {
            Spins++;
            if (State(_ros, _rws) == 0xF) return;
            _isSpinning = false;
            StartOver();
            return;
        }

        if (isRung) Handle();
    }

    private void Handle()
    {
        switch (State(_ros, _rws))
        {
            case 0xA when !_isRunning:
                _isRunning = true;
                SetFlag(_ros + 4, 1, true);
                break;
            case 0xA:
                Receive();
                break;
            case 0x9:
                StartOver();
                break;
            case 0xB:
                SetFlag(_ros + 4, 1, false);
                SetFlag(_ros, 1, true);
                if (_receive.WritePointer == _receive.ReadPointer) StartOver();
                else _isSpinning = true;
                break;
        }
    }

    private void StartOver()
    {
        Resets++;
        Boot();
    }

    private void Receive()
    {
        while (_receive.WritePointer % _receive.Length != _receive.ReadPointer % _receive.Length)
        {
            int read = _receive.ReadPointer;
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(_receive.Get(read, 4));
            int total = (int)(header & 0xFFFFFC);
            if (((header >> 24) & 0xF) == 4) Received.Add(_receive.Get(read + 4, total - 4 - (int)(header & 3)));
            _receive.ReadPointer = read + total <= _receive.Length ? read + total : read + total - _receive.Length;
        }
    }

    private static void Put(byte[] descriptor, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(at), value);
}
