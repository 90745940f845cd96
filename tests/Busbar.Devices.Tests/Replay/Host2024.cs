// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Pci;

namespace Busbar.Devices.Tests;

/// <summary>
/// The host driver of the 2024 generation (aspeed-host-bmc-dev) on one BAR, access by access with its widths: what it reads before it joins, sends, and
/// handles an interrupt. It trusts the device in everything, acts on interrupts only, and has one chance to probe.
/// </summary>
internal sealed class Host2024(HostWindow window, PciInterrupt interrupt) : ReplayHost(window)
{
    private const int PacketsPerInterrupt = 256;
    private const uint Mctp = 4;
    private const uint UpBit = 2;
    private const uint ResetBit = 1;
    private const ulong ReadyBit = 1ul << 32;

    private readonly Queue<byte[]> _queue = new();
    private int _toHost;
    private int _toHostLength;
    private int _toOwner;
    private int _toOwnerLength;
    private int _bell;
    private byte _bellValue;

    /// <summary>The state of the last look.</summary>
    public int LastState { get; private set; }

    /// <summary>True when it ever read RESET_REQ_BY_BMC, after which it would be of no use until it is loaded again.</summary>
    public bool SawResetRequest { get; private set; }

    /// <summary>The transmit queue waits for more than 65,536 free bytes.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Times that the transmit queue was stopped.</summary>
    public int Stops { get; private set; }

    public int Queued => _queue.Count;

    public int StatusAt => Rws;

    public int RingStart => _toOwner;

    /// <summary>How far the device says that it has read.</summary>
    public int ReadPointer => Pointer(Ros + 4);

    public int RingLength => _toOwnerLength;

    /// <summary>Steps 4 to 11 of its probe, at the first look: no loop, because a device that is not ready within a millisecond has lost.</summary>
    public bool Probe()
    {
        if (!Window.Read(0, 6).AsSpan().SequenceEqual("#MMBI$"u8)) return false;
        byte[] descriptor = Window.Read(0, 64);
        Ros = Address(descriptor, 32);
        Rws = Address(descriptor, 36);
        if (Ros + 8 >= Window.Length || Rws + 8 >= Window.Length) return false;
        if (LookAtState() != 0x8) return false;
        _toHost = Address(descriptor, 8);
        _toOwner = Address(descriptor, 12);
        _toHostLength = Dword(descriptor, 16);
        _toOwnerLength = Dword(descriptor, 20);
        bool isGood = descriptor[6] == 1 && descriptor[7] == 1 && descriptor[24] == 1
            && _toHost + _toHostLength <= Window.Length && _toOwner + _toOwnerLength <= Window.Length
            && descriptor[40] == 1 && descriptor[46] == 1;
        if (!isGood)
        {
            Refuse();
            return false;
        }

        _bell = Dword(descriptor, 47);
        _bellValue = descriptor[55];
        Join();
        return true;
    }

    /// <summary>Both rings are empty, as the window's four pointers say.</summary>
    public bool IsEmpty => Pointer(Rws) == Pointer(Ros + 4) && Pointer(Rws + 4) == Pointer(Ros);

    /// <summary>Not the driver's: makes both rings empty by taking over the device's pointers.</summary>
    public void TakePointers()
    {
        Window.Write32(Rws, (uint)Pointer(Ros + 4) | UpBit);
        Window.Write32(Rws + 4, (uint)Pointer(Ros) | 1);
    }

    /// <summary>Step 8: a descriptor that it does not like. No doorbell.</summary>
    public void Refuse() => Modify(status => status | ResetBit);

    /// <summary>The module is removed: no doorbell, pointers stay, whatever is queued is freed.</summary>
    public void Remove()
    {
        Modify(status => status & ~ReadyBit);
        Modify(status => status & ~(ulong)UpBit);
        _queue.Clear();
        Forget();
        IsStopped = false;
    }

    public void Send(byte[] packet)
    {
        _queue.Enqueue(packet);
        Transmit();
    }

    /// <summary>Waits for the message-signalled interrupt and handles it.</summary>
    /// <returns>False when none came.</returns>
    public bool HandleInterrupt(TimeSpan limit)
    {
        if (!SpinWait.SpinUntil(() => interrupt.Drain() != 0, limit)) return false;
        if (Free() > LargestPacket) IsStopped = false;
        Transmit();
        switch (LookAtState())
        {
            case 0xE:
                SawResetRequest = true;
                Modify(status => status | ResetBit);
                Doorbell();
                break;
            case 0x8:
                // It reads the descriptor again and leaves it at that.
                Window.Read(0, 64);
                return true;
        }

        Receive();
        return true;
    }

    /// <summary>Handles interrupts until so many messages have arrived; the next one must come in time.</summary>
    public bool WaitForMessages(int count, TimeSpan limit)
    {
        while (Messages.Count < count)
        {
            if (!HandleInterrupt(limit)) return false;
        }

        return true;
    }

    /// <summary>Writes the doorbell byte's place with any value.</summary>
    public void WriteBell(byte value) => Window.Write8(_bell, value);

    public void Doorbell() => WriteBell(_bellValue);

    private static int Address(byte[] descriptor, int at) => Dword(descriptor, at) * 8;

    private static int Dword(byte[] descriptor, int at) => BinaryPrimitives.ReadInt32LittleEndian(descriptor.AsSpan(at));

    private void Join()
    {
        Modify(status => status | UpBit);
        Modify(status => status | ReadyBit);
        Doorbell();
    }

    // Each sample is four 8-byte reads: two of each structure, which have to agree.
    private int LookAtState()
    {
        ulong ros, rws;
        do
        {
            ros = Window.Read64(Ros);
            if (Window.Read64(Ros) != ros) continue;
            rws = Window.Read64(Rws);
            if (Window.Read64(Rws) != rws) continue;
            break;
        }
        while (true);
        return LastState = State((uint)ros, (uint)rws);
    }

    private void Modify(Func<ulong, ulong> change) => Window.Write64(Rws, change(Window.Read64(Rws)));

    private void SetPointer(int shift, int value) => Modify(status => (status & ~(0xFFFF_FFFCul << shift)) | ((ulong)(uint)value << shift));

    private int Pointer(int at) => (int)(Window.Read32(at) & ~3u);

    private void Transmit()
    {
        while (!IsStopped && _queue.TryPeek(out byte[]? packet))
        {
            // B_RDY, twice: from the structure, then from its second word.
            if ((Window.Read64(Ros) & ReadyBit) == 0 || (Window.Read32(Ros + 4) & 1) == 0) return;
            int padded = (packet.Length + 3) & ~3;
            int total = 4 + padded;
            int free = Free();
            if (free <= 4 || total > free - 4)
            {
                IsStopped = true;
                Stops++;
                return;
            }

            int position = Pointer(Rws);
            byte[] header = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)total | (uint)(padded - packet.Length) | (Mctp << 24));
            WriteRing(position, header);
            WriteRing(position + 4, packet);
            _ = Window.Read32(Rws);
            _ = Window.Read32(Rws + 4);
            int next = position + total;
            SetPointer(0, next <= _toOwnerLength ? next : next - _toOwnerLength);
            Doorbell();
            _queue.Dequeue();
        }
    }

    private void Receive()
    {
        for (int i = 0; i < PacketsPerInterrupt && Filled() > 0; i++)
        {
            int filled = Filled();
            int position = Pointer(Rws + 4);
            _ = ReadRing(position, 4);
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(ReadRing(position, 4));
            int total = (int)(header & 0xFF_FFFC);
            int pad = (int)(header & 3);
            if (total < 8 || total > filled)
            {
                // The driver would compute a length below zero here.
                Mistakes++;
                return;
            }

            if (((header >> 24) & 0xF) == Mctp) Deliver(ReadRing(position + 4, total - 4 - pad));
            _ = Window.Read32(Rws);
            _ = Window.Read32(Rws + 4);
            int next = position + total;
            SetPointer(32, next <= _toHostLength ? next : next - _toHostLength);
            Doorbell();
        }
    }

    private int Filled()
    {
        _ = Window.Read32(Rws);
        _ = Window.Read32(Ros + 4);
        int write = Pointer(Ros);
        int read = Pointer(Rws + 4);
        return write >= read ? write - read : _toHostLength - read + write;
    }

    private int Free()
    {
        int read = Pointer(Ros + 4);
        int write = Pointer(Rws);
        return _toOwnerLength - (write >= read ? write - read : _toOwnerLength - read + write);
    }

    private byte[] ReadRing(int position, int count)
    {
        position %= _toHostLength;
        int first = Math.Min(count, _toHostLength - position);
        byte[] bytes = Window.Read(_toHost + position, first);
        return first == count ? bytes : [.. bytes, .. Window.Read(_toHost, count - first)];
    }

    private void WriteRing(int position, ReadOnlySpan<byte> bytes)
    {
        position %= _toOwnerLength;
        int first = Math.Min(bytes.Length, _toOwnerLength - position);
        Window.Write(_toOwner + position, bytes[..first]);
        if (first < bytes.Length) Window.Write(_toOwner, bytes[first..]);
    }
}
