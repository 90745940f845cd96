// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// The host driver of the 2024 generation (aspeed-host-bmc-dev), dialect v1.0-aspeed. Works on interrupts only, never polls; takes at most
/// 256 packets per interrupt; restarts a stopped queue only when more than 65,536 bytes are free; does not come back after an owner's
/// reset.
/// </summary>
internal sealed class AspeedHost2024(SharedRegion window) : DriverModel(window)
{
    private const int PacketsPerInterrupt = 256;
    private const int WakeThreshold = 65_536;

    private readonly Queue<byte[]> _queue = new();
    private int _ros;
    private int _rws;
    private int _bell;
    private byte _bellValue;
    private DriverRing? _transmit;
    private DriverRing? _receive;
    private bool _isStopped;

    public bool IsProbed { get; private set; }

    public int QueueLength => _queue.Count;

    /// <summary>One probe; there is no second attempt.</summary>
    public bool Probe()
    {
        byte[] descriptor = new byte[64];
        Window.CopyTo(0, descriptor);
        if (!descriptor.AsSpan(0, 6).SequenceEqual("#MMBI$"u8)) return false;
        _ros = (int)Dword(descriptor, 32) * 8;
        _rws = (int)Dword(descriptor, 36) * 8;
        if (_ros + 8 >= Window.Length || _rws + 8 >= Window.Length) return false;
        if (State(_ros, _rws) != 0x8) return false;
        int toHost = (int)Dword(descriptor, 8) * 8;
        int toOwner = (int)Dword(descriptor, 12) * 8;
        int toHostLength = (int)Dword(descriptor, 16);
        int toOwnerLength = (int)Dword(descriptor, 20);
        bool isGood = descriptor[6] == 1 && descriptor[7] == 1 && descriptor[24] == 1
            && toHost + toHostLength <= Window.Length && toOwner + toOwnerLength <= Window.Length;
        if (!isGood)
        {
            SetFlag(_rws, 1, true);
            return false;
        }

        _bell = (int)Dword(descriptor, 47);
        _bellValue = descriptor[55];
        _transmit = new DriverRing(Window, toOwner, toOwnerLength, _rws, _ros + 4);
        _receive = new DriverRing(Window, toHost, toHostLength, _ros, _rws + 4);
        SetFlag(_rws, 2, true);
        SetFlag(_rws + 4, 1, true);
        Doorbell();
        return IsProbed = true;
    }

    /// <summary>Unloads the driver: RDY and UP fall, pointers stay, no doorbell.</summary>
    public void Remove()
    {
        SetFlag(_rws + 4, 1, false);
        SetFlag(_rws, 2, false);
        IsProbed = false;
        _isStopped = false;
    }

    public override bool Send(byte[] payload)
    {
        _queue.Enqueue(payload);
        if (!_isStopped) Transmit();
        return true;
    }

    public override void Step(long now)
    {
        if (!TakeInterrupt() || !IsProbed) return;
        if (_isStopped && Free() > WakeThreshold) _isStopped = false;
        if (!_isStopped) Transmit();
        switch (State(_ros, _rws))
        {
            case 0xE:
                SetFlag(_rws, 1, true);
                Doorbell();
                break;
            case 0x8:
                return;
        }

        Receive();
    }

    private void Transmit()
    {
        while (_queue.TryPeek(out byte[]? payload))
        {
            if (!Flag(_ros + 4, 1)) return;
            int padded = (payload.Length + 3) & ~3;
            int total = 4 + padded;
            int free = Free();
            if (free <= 4 || total > free - 4)
            {
                _isStopped = true;
                return;
            }

            byte[] header = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)total | (uint)(padded - payload.Length) | (4u << 24));
            int position = _transmit!.WritePointer;
            _transmit.Put(position, header);
            _transmit.Put(position + 4, payload);
            int next = position + total;
            _transmit.WritePointer = next <= _transmit.Length ? next : next - _transmit.Length;
            Doorbell();
            _queue.Dequeue();
        }
    }

    private void Receive()
    {
        // More packets than this wait for the next interrupt: the driver's test for more work is inverted.
        for (int i = 0; i < PacketsPerInterrupt && Filled() > 0; i++)
        {
            int position = _receive!.ReadPointer;
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(_receive.Get(position, 4));
            int total = (int)(header & 0xFFFFFC);
            int pad = (int)(header & 3);
            if (((header >> 24) & 0xF) == 4) Received.Add(_receive.Get(position + 4, total - 4 - pad));
            int next = position + total;
            _receive.ReadPointer = next <= _receive.Length ? next : next - _receive.Length;
            Doorbell();
        }
    }

    private int Filled()
    {
        int write = _receive!.WritePointer;
        int read = _receive.ReadPointer;
        return write >= read ? write - read : _receive.Length - read + write;
    }

    private int Free()
    {
        int write = _transmit!.WritePointer;
        int read = _transmit.ReadPointer;
        return _transmit.Length - (write >= read ? write - read : _transmit.Length - read + write);
    }

    private void Doorbell() => Window.Write8(_bell, _bellValue);

    private static uint Dword(byte[] descriptor, int at) => BinaryPrimitives.ReadUInt32LittleEndian(descriptor.AsSpan(at));
}
