// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>Chains of capabilities behind VFIO's information structures: id 0:2, version 2:2, next 4:4 from the structure's start.</summary>
internal static class VfioCapabilities
{
    private const int HeaderSize = 8;
    private const int LongestChain = 32;

    /// <summary>Offset of the first capability with an id; -1 when the chain ends, leaves the buffer or goes on for too long.</summary>
    public static int Find(ReadOnlySpan<byte> info, uint first, int id)
    {
        uint at = first;
        for (int step = 0; step < LongestChain && at != 0; step++)
        {
            if (at > int.MaxValue || (int)at + HeaderSize > info.Length) return -1;
            if (MemoryMarshal.Read<ushort>(info[(int)at..]) == id) return (int)at;
            at = MemoryMarshal.Read<uint>(info[((int)at + 4)..]);
        }

        return -1;
    }
}
