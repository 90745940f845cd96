// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Devices.Tests;

/// <summary>
/// The host driver of the 2026 generation (aspeed-host-pcie-mmbi) on one instance, access by access: a big-endian descriptor, flags by byte accesses, pointers
/// by dword accesses that keep the flags and are read back, one look every 20 ms. It needs no interrupt and, but for some versions, rings nothing.
/// </summary>
internal sealed class Host2026(HostWindow window, int instance, bool rings) : ReplayHost(window)
{
    private const int FixedLength = 64;
    private const int BlockLength = 32;
    private const byte Trigger = 0xC6;

    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(20);

    private int _toHost;
    private int _toHostLength;
    private int _toOwner;
    private int _toOwnerLength;
    private int _trigger;

    public int TriggerAt => _trigger;

    /// <summary>The first byte of what it looks at after it has joined.</summary>
    public int FirstTouched => Math.Min(Math.Min(Ros, Rws), Math.Min(_toHost, _toOwner));

    /// <summary>Resets by the owner that it acknowledged.</summary>
    public int ResetsAcknowledged { get; private set; }

    /// <summary>One read of the signature, one of the descriptor; no waiting. In 0x8 it raises H_RDY, then H_UP.</summary>
    public bool Open()
    {
        if (!Window.Read(0, 6).AsSpan().SequenceEqual("#MMBI$"u8)) return false;
        byte[] descriptor = Window.Read(0, FixedLength);
        int count = (descriptor[7] >> 4) & 7;
        if (descriptor[6] != 2 || instance >= count || descriptor[24] != 1) return false;
        int length = FixedLength + (BlockLength * (count - 1));
        descriptor = Window.Read(0, length);
        int block = instance == 0 ? 8 : FixedLength + (BlockLength * (instance - 1));
        _toHost = Dword(descriptor, block);
        _toOwner = Dword(descriptor, block + 4);
        _toHostLength = Dword(descriptor, block + 8);
        _toOwnerLength = Dword(descriptor, block + 12);
        Ros = Dword(descriptor, block + 24);
        Rws = Dword(descriptor, block + 28);
        _trigger = length;
        if (LookAtState() != 0x8) return false;
        Join();
        return true;
    }

    /// <summary>Takes its structure down, as when the device file is closed.</summary>
    public void Close()
    {
        SetReady(false);
        Window.Write8(Rws, (byte)(Window.Read8(Rws) & ~2));
        Forget();
    }

    /// <summary>Writes one packet, when the state and B_RDY and its own idea of the room let it.</summary>
    public bool TrySend(byte[] packet)
    {
        if (LookAtState() != 0xA || (Window.Read8(Ros + 4) & 1) == 0) return false;
        int padded = (packet.Length + 3) & ~3;
        int write = Pointer(Rws);
        int read = Pointer(Ros + 4);

        // Its own formula goes wrong once it has wrapped; a sender that waits for an empty ring never notices.
        if (write != read || 4 + padded >= _toOwnerLength) return false;
        int field = padded | (padded - packet.Length);
        WriteRing(write, [(byte)(field >> 16), (byte)(field >> 8), (byte)field, 4]);
        WriteRing((write + 4) % _toOwnerLength, packet);
        SetPointer(Rws, (write + 4 + padded) % _toOwnerLength);
        Ring();
        return true;
    }

    /// <summary>Looks every 20 ms until so many messages are there.</summary>
    public bool PollUntil(Func<bool> isDone, TimeSpan limit)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        uint seen0 = 0;
        uint seen1 = 0;
        while (!isDone())
        {
            if (Environment.TickCount64 > end) return false;
            uint word0 = Window.Read32(Ros);
            uint word1 = Window.Read32(Ros + 4);
            if (word0 != seen0 || word1 != seen1) FollowState();
            (seen0, seen1) = (word0, word1);

            // Its period is a property of this peer, not a guess about the device.
            if (SpinWait.SpinUntil(isDone, s_period)) return true;
        }

        return true;
    }

    public void WriteTrigger(byte value) => Window.Write8(_trigger, value);

    // What it does at each look that finds Host_ROS changed. It drains nothing before it acknowledges a reset.
    private void FollowState()
    {
        switch (LookAtState())
        {
            case 0x8:
                Forget();
                Join();
                break;
            case 0xA:
                SetReady(true);
                Receive();
                break;
            case 0xE:
                SetReady(false);
                Window.Write8(Rws, (byte)(Window.Read8(Rws) | 1));
                Ring();
                ResetsAcknowledged++;
                break;
        }
    }

    private void Join()
    {
        SetReady(true);
        Window.Write8(Rws, (byte)(Window.Read8(Rws) | 2));
        Ring();
    }

    private void SetReady(bool isReady)
    {
        byte flags = Window.Read8(Rws + 4);
        Window.Write8(Rws + 4, (byte)(isReady ? flags | 1 : flags & ~1));
    }

    private void Ring()
    {
        if (rings) WriteTrigger(Trigger);
    }

    private void Receive()
    {
        while (Filled() >= 8)
        {
            int read = Pointer(Rws + 4);
            byte[] header = ReadRing(read, 4);
            int field = (header[0] << 16) | (header[1] << 8) | header[2];
            int padded = field & ~3;
            if (padded == 0 || 4 + padded > Filled())
            {
                Mistakes++;
                return;
            }

            if ((header[3] & 0xF) == 4) Deliver(ReadRing((read + 4) % _toHostLength, padded - (field & 3)));
            SetPointer(Rws + 4, (read + 4 + padded) % _toHostLength);
            Ring();
        }
    }

    private int LookAtState() => State(Window.Read8(Ros), Window.Read8(Rws));

    private int Filled()
    {
        int filled = Pointer(Ros) - Pointer(Rws + 4);
        return filled < 0 ? filled + _toHostLength : filled;
    }

    private int Pointer(int at) => (int)(Window.Read32(at) & ~3u);

    // It looks up to six times whether the store has arrived, and complains when it has not.
    private void SetPointer(int at, int value)
    {
        uint word = (uint)value | (Window.Read32(at) & 3);
        Window.Write32(at, word);
        if (Window.Read32(at) != word) Mistakes++;
    }

    private byte[] ReadRing(int position, int count)
    {
        int first = Math.Min(count, _toHostLength - position);
        return first == count ? Window.Read(_toHost + position, count) : [.. Window.Read(_toHost + position, first), .. Window.Read(_toHost, count - first)];
    }

    private void WriteRing(int position, ReadOnlySpan<byte> bytes)
    {
        int first = Math.Min(bytes.Length, _toOwnerLength - position);
        Window.Write(_toOwner + position, bytes[..first]);
        if (first < bytes.Length) Window.Write(_toOwner, bytes[first..]);
    }

    private static int Dword(byte[] descriptor, int at) => BinaryPrimitives.ReadInt32BigEndian(descriptor.AsSpan(at));
}
