// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// The eSPI driver (ast2700-intel-espi-mmbi), an owner in dialect v1.0-espi. Hardware captures changes of Host_RWS; one event is handled
/// per interrupt. A change of word 0 is read as H_RST, or H_UP, or otherwise as a packet. LEN is rounded down although PAD is set, the
/// space check ignores padding, H_RDY is not looked at, a host's reset ends in 0x0 for good, and a reset of its own shows B_RST alone.
/// </summary>
internal sealed class EspiOwner : DriverModel
{
    private const int Ros = 0x40;
    private readonly int _rws;
    private readonly DriverRing _transmit;
    private readonly DriverRing _receive;
    private uint _captured0;
    private uint _captured1;
    private bool _isResetting;

    public EspiOwner(SharedRegion window)
        : base(window)
    {
        int half = window.Length / 2;
        _rws = half;
        _transmit = new DriverRing(window, 0x48, half - 0x48, Ros, half + 4);
        _receive = new DriverRing(window, half + 8, half - 8, half, Ros + 4);
    }

    public override bool CanRing => false;

    public bool IsHostUp { get; private set; }

    /// <summary>Changes of word 0 that were none of H_RST, H_UP or a pointer alone: what confuses this driver.</summary>
    public int Confusions { get; private set; }

    public int HostResets { get; private set; }

    public void Boot()
    {
        byte[] descriptor = new byte[64];
        "#MMBI$"u8.CopyTo(descriptor);
        descriptor[6] = 1;
        descriptor[7] = 1;
        Put(descriptor, 8, 0x48 / 8);
        Put(descriptor, 12, (uint)(_rws + 8) / 8);
        Put(descriptor, 16, (uint)_transmit.Length);
        Put(descriptor, 20, (uint)_receive.Length);
        descriptor[24] = 1;
        Put(descriptor, 32, Ros / 8);
        Put(descriptor, 36, (uint)_rws / 8);
        descriptor[40] = 3;
        descriptor[41] = 0x06;
        descriptor[45] = 0x11;
        Window.CopyFrom(0, descriptor);
        StartOver();
    }

    /// <summary>The driver's own reset: everything of its own is zeroed and only B_RST is set, which no table knows.</summary>
    public void AskForReset()
    {
        Window.Clear(Ros, 8);
        Window.Write32(Ros, 1);
        _isResetting = true;
    }

    public override bool Send(byte[] payload)
    {
        if (!IsHostUp || _isResetting) return false;
        int write = _transmit.WritePointer;
        int read = _transmit.ReadPointer;
        int free = _transmit.Length - (write >= read ? write - read : _transmit.Length - read + write);
        if (payload.Length + 4 > free) return false;
        int padded = (payload.Length + 3) & ~3;
        byte[] header = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(header, ((uint)payload.Length & ~3u) | (uint)(padded - payload.Length) | (4u << 24));
        _transmit.Put(write, header);
        _transmit.Put(write + 4, payload);
        int next = write + 4 + padded;
        _transmit.WritePointer = next <= _transmit.Length ? next : next - _transmit.Length;
        return true;
    }

    /// <summary>The hardware noticed a write to Host_RWS; word 0 first, and then word 1 waits for another event.</summary>
    public override void Step(long now)
    {
        uint word0 = Window.Read32(_rws);
        uint word1 = Window.Read32(_rws + 4);
        if (word0 != _captured0) HandleWord0(word0);
        else if (word1 != _captured1) _captured1 = word1;
    }

    private void HandleWord0(uint word)
    {
        uint change = word ^ _captured0;
        _captured0 = word;
        bool isReset = (change & 1) != 0;
        bool isUp = (change & 2) != 0;
        if ((isReset && isUp) || ((isReset || isUp) && (change & ~3u) != 0)) Confusions++;
        if (isReset)
        {
            if ((word & 1) == 0) return;
            if (_isResetting)
            {
                StartOver();
                return;
            }

            HostResets++;
            IsHostUp = false;
            Window.Clear(Ros, 8);
        }
        else if (isUp)
        {
            IsHostUp = (word & 2) != 0;
            if (IsHostUp) SetFlag(Ros + 4, 1, true);
        }
        else if (IsHostUp)
        {
            Receive();
        }
    }

    private void StartOver()
    {
        _isResetting = false;
        IsHostUp = false;
        Window.Clear(Ros, 8);
        Window.Write32(Ros, 2);
    }

    private void Receive()
    {
        while (_receive.WritePointer % _receive.Length != _receive.ReadPointer % _receive.Length)
        {
            int read = _receive.ReadPointer;
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(_receive.Get(read, 4));
            int padded = (int)(header & 0xFFFFFC);
            if (((header >> 24) & 0xF) == 4) Received.Add(_receive.Get(read + 4, padded - (int)(header & 3)));
            int next = read + 4 + padded;
            _receive.ReadPointer = next <= _receive.Length ? next : next - _receive.Length;
        }
    }

    private static void Put(byte[] descriptor, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(at), value);
}
