// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli.Tests;

/// <summary>Netlink datagrams, little endian as on the machines that run the tests.</summary>
internal static class NetlinkSamples
{
    /// <summary>RTM_NEWLINK of mctp0, index 4, in network 7, on SMBus.</summary>
    public static readonly byte[] Link = Message(
        16,
        [
            0, 0, 0x22, 1, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
            10, 0, 3, 0, .. "mctp0"u8, 0, 0, 0,
            24, 0, 26, 0x80, 20, 0, 45, 0x80, 8, 0, 1, 0, 7, 0, 0, 0, 5, 0, 2, 0, 1, 0, 0, 0,
        ]);

    /// <summary>RTM_NEWADDR and RTM_DELADDR of EID 9 on index 4.</summary>
    public static readonly byte[] AddressAdded = Message(20, [45, 0, 0, 0, 4, 0, 0, 0, 5, 0, 2, 0, 9, 0, 0, 0]);

    /// <summary>Its end.</summary>
    public static readonly byte[] AddressRemoved = Message(21, [45, 0, 0, 0, 4, 0, 0, 0, 5, 0, 2, 0, 9, 0, 0, 0]);

    /// <summary>RTM_DELLINK of mctp0, without MCTP's part, which is gone by then.</summary>
    public static readonly byte[] LinkRemoved = Message(17, [0, 0, 0x22, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 3, 0, .. "mctp0"u8, 0, 0, 0]);

    /// <summary>RTM_NEWLINK of eth0, index 2, which is none of MCTP's.</summary>
    public static readonly byte[] Ethernet = Message(16, [0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 3, 0, .. "eth0"u8, 0, 0, 0, 0]);

    /// <summary>A message of a kind that is none of ours.</summary>
    public static readonly byte[] Unknown = Message(99, []);

    private static byte[] Message(byte type, byte[] body) => [(byte)(16 + body.Length), 0, 0, 0, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. body];
}
