// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Requests on terminals (asm-generic/ioctls.h, asm-generic/termbits.h); the same on every processor .NET runs on.</summary>
internal static class NativeTerminal
{
    public const nuint TCGETS2 = 0x802C542A;
    public const nuint TCSETS2 = 0x402C542B;
    public const nuint TCFLSH = 0x540B;
    public const nuint TIOCSETD = 0x5423;
    public const nuint TIOCGPTN = 0x80045430;
    public const nuint TIOCSPTLCK = 0x40045431;

    public const int TCOFLUSH = 1;

    public const uint CBAUD = 0x100F;
    public const uint BOTHER = 0x1000;
    public const int IBSHIFT = 16;
    public const uint CS8 = 0x30;
    public const uint CREAD = 0x80;
    public const uint CLOCAL = 0x800;

    public const int VTIME = 5;
    public const int VMIN = 6;

    public const int O_NOCTTY = 0x100;
}
