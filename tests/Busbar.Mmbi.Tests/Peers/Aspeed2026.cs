// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// What both halves of the 2026 generation (aspeed-mmbi) do alike, dialect v1.1: poll every 20 ms, pointers modulo the length, no gap,
/// padding left out of the space check, and a free space of RP + WP once the writer has wrapped, so that unread packets may be overwritten.
/// </summary>
internal abstract class Aspeed2026(SharedRegion window) : DriverModel(window)
{
    private const int PollPeriod = 20;
    private long _nextPoll = long.MinValue;

    protected int Ros { get; set; }

    protected int Rws { get; set; }

    protected DriverRing? TransmitRing { get; set; }

    protected DriverRing? ReceiveRing { get; set; }

    protected abstract bool IsPeerReady { get; }

    public override bool Send(byte[] payload)
    {
        if (TransmitRing is null || State(Ros, Rws) != 0xA || !IsPeerReady) return false;
        int write = TransmitRing.WritePointer;
        int read = TransmitRing.ReadPointer;
        int free = write >= read ? TransmitRing.Length - write + read : read + write;
        if (payload.Length + 4 > free) return false;
        int padded = (payload.Length + 3) & ~3;
        uint field = (uint)padded | (uint)(padded - payload.Length);
        TransmitRing.Put(write, [(byte)(field >> 16), (byte)(field >> 8), (byte)field, 4]);
        TransmitRing.Put(write + 4, payload);
        TransmitRing.WritePointer = (write + 4 + padded) % TransmitRing.Length;
        return true;
    }

    public override void Step(long now)
    {
        if (now < _nextPoll) return;
        _nextPoll = now + PollPeriod;
        if (Watch() && State(Ros, Rws) == 0xA) Receive();
    }

    protected static uint Dword(byte[] descriptor, int at) => BinaryPrimitives.ReadUInt32BigEndian(descriptor.AsSpan(at));

    /// <summary>Follows the state; false when there is no link to look at.</summary>
    protected abstract bool Watch();

    private void Receive()
    {
        while (Filled() >= 8)
        {
            int read = ReceiveRing!.ReadPointer;
            byte[] header = ReceiveRing.Get(read, 4);
            int field = (header[0] << 16) | (header[1] << 8) | header[2];
            int padded = field & ~3;
            if ((header[3] & 0xF) == 4) Received.Add(ReceiveRing.Get(read + 4, padded - (field & 3)));
            ReceiveRing.ReadPointer = (read + 4 + padded) % ReceiveRing.Length;
        }
    }

    private int Filled()
    {
        int filled = ReceiveRing!.WritePointer - ReceiveRing.ReadPointer;
        return filled < 0 ? filled + ReceiveRing.Length : filled;
    }
}
