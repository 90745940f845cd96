// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Endpoints;

/// <summary>The prefixes with which the protocols of message type 0x7e start: vendor ID 0xCCDE, then one byte for the protocol.</summary>
internal static class VendorPrefix
{
    public const int Length = 3;

    public static ReadOnlySpan<byte> Echo => [0xCC, 0xDE, 0xF0];

    public static ReadOnlySpan<byte> Bench => [0xCC, 0xDE, 0xF1];
}
