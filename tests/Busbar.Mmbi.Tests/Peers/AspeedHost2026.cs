// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// The host driver of the 2026 generation: sets H_RDY before H_UP with byte accesses, answers 0xE, never asks for a reset itself.
/// </summary>
internal sealed class AspeedHost2026(SharedRegion window, int instance = 0) : Aspeed2026(window)
{
    public bool IsOpen { get; private set; }

    protected override bool IsPeerReady => Flag(Ros + 4, 1);

    /// <summary>One read of the signature, then the descriptor; later polls follow the state.</summary>
    public bool Open()
    {
        byte[] descriptor = new byte[64 + (32 * 6)];
        Window.CopyTo(0, descriptor);
        if (!descriptor.AsSpan(0, 6).SequenceEqual("#MMBI$"u8) || descriptor[6] != 2 || ((descriptor[7] >> 4) & 7) <= instance) return false;
        int block = instance == 0 ? 8 : 64 + (32 * (instance - 1));
        Ros = (int)Dword(descriptor, block + 24);
        Rws = (int)Dword(descriptor, block + 28);
        ReceiveRing = new DriverRing(Window, (int)Dword(descriptor, block), (int)Dword(descriptor, block + 8), Ros, Rws + 4);
        TransmitRing = new DriverRing(Window, (int)Dword(descriptor, block + 4), (int)Dword(descriptor, block + 12), Rws, Ros + 4);
        return IsOpen = true;
    }

    protected override bool Watch()
    {
        if (!IsOpen) return false;
        switch (State(Ros, Rws))
        {
            case 0x8:
                Window.Write8(Rws + 4, (byte)(Window.Read8(Rws + 4) | 1));
                Window.Write8(Rws, (byte)(Window.Read8(Rws) | 2));
                break;
            case 0xE:
                Window.Write8(Rws + 4, (byte)(Window.Read8(Rws + 4) & ~1));
                Window.Write8(Rws, (byte)(Window.Read8(Rws) | 1));
                break;
        }

        return true;
    }
}
