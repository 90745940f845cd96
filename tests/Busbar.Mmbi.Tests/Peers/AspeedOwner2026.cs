// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// The management controller's half of the 2026 generation: sets B_UP and B_RDY together at boot, starts over when the host asks or
/// refuses.
/// </summary>
internal sealed class AspeedOwner2026(SharedRegion window) : Aspeed2026(window)
{
    public int Resets { get; private set; }

    public override bool CanRing => false;

    protected override bool IsPeerReady => Flag(Rws + 4, 1);

    public void Boot()
    {
        const int Trigger = 8;
        int half = Window.Length / 2;
        int lowSlot = 1;
        while (lowSlot * 2 <= half - 64 - Trigger) lowSlot *= 2;
        Ros = 64 + Trigger;
        Rws = half;
        TransmitRing = new DriverRing(Window, Ros + 8, lowSlot - 8, Ros, Rws + 4);
        ReceiveRing = new DriverRing(Window, Rws + 8, half - 8, Rws, Ros + 4);
        byte[] descriptor = new byte[64];
        "#MMBI$"u8.CopyTo(descriptor);
        descriptor[6] = 2;
        descriptor[7] = 0x11;
        Put(descriptor, 8, Ros + 8);
        Put(descriptor, 12, Rws + 8);
        Put(descriptor, 16, TransmitRing.Length);
        Put(descriptor, 20, ReceiveRing.Length);
        descriptor[24] = 1;
        Put(descriptor, 32, Ros);
        Put(descriptor, 36, Rws);
        descriptor[40] = 1;
        descriptor[46] = 2;
        Window.CopyFrom(0, descriptor);
        StartOver();
    }

    protected override bool Watch()
    {
        if (State(Ros, Rws) is 0x9 or 0xB)
        {
            Resets++;
            StartOver();
        }

        return true;
    }

    private void StartOver()
    {
        Window.Clear(Ros, 8);
        Window.Clear(Rws, 8);
        Window.Write8(Ros, 2);
        Window.Write8(Ros + 4, 1);
    }

    private static void Put(byte[] descriptor, int at, int value) => BinaryPrimitives.WriteInt32BigEndian(descriptor.AsSpan(at), value);
}
