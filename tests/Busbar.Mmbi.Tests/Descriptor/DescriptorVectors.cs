// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi.Tests;

/// <summary>Descriptors as the shipping drivers write them, for a window of 2 MiB.</summary>
internal static class DescriptorVectors
{
    public const int Window = 2 << 20;

    public static readonly byte[] Aspeed2024 = Convert.FromHexString(
        "234d4d4249240101" + "0900000001000200"
        + "b8ff0f00f0ff0f00" + "0100000000000000"
        + "0800000000000200" + "011c0000000001f8"
        + "ff1f0000000000c6" + "0000000000000000");

    public static readonly byte[] Aspeed2026 = Convert.FromHexString(
        "234d4d4249240211" + "0000005000100008"
        + "0007fff8000ffff8" + "0100000000000000"
        + "0000004800100000" + "0102000000000200"
        + "0000000000000000" + "0000000000000000");

    public static readonly byte[] Aspeed2026Pair = Convert.FromHexString(
        "234d4d4249240221" + "0000007000100008"
        + "0003fff80007fff8" + "0100000000000000"
        + "0000006800100000" + "0102000000000200"
        + "0000000000000000" + "0000000000000000"
        + "0004007000180008" + "0003fff80007fff8"
        + "0100000000000000" + "0004006800180000");

    public static readonly MmbiInterrupts Msi28 = new(MmbiHostInterrupt.Pcie, 28, 0, MmbiOwnerInterrupt.ByteWrite, 0xC6);

    public static readonly MmbiInterrupts Msi2 = new(MmbiHostInterrupt.Pcie, 2, 0, MmbiOwnerInterrupt.InBand, 0);
}
