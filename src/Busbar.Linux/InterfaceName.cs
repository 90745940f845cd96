// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Linux;

/// <summary>Names of network interfaces: which are possible, and which interface has one.</summary>
public static unsafe class InterfaceName
{
    /// <summary>Bytes of a name with its terminating zero (IFNAMSIZ, linux/if.h).</summary>
    public const int Size = 16;

    /// <summary>
    /// True for 1 to 15 printable ASCII characters without blank, <c>/</c>, <c>:</c> and <c>%</c>, other than <c>.</c> and <c>..</c>: what the kernel takes
    /// as a name and never as a pattern.
    /// </summary>
    /// <param name="name">The name.</param>
    public static bool IsValid(string name) =>
        name.Length is > 0 and < Size && name is not ("." or "..") && name.All(letter => letter is > ' ' and < '\x7f' and not ('/' or ':' or '%'));

    /// <summary>Finds the index of an interface in the network namespace of this process.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="index">Its index, from 1.</param>
    /// <returns>False when no interface has that name.</returns>
    public static bool TryFindIndex(string name, out int index)
    {
        index = 0;
        if (!IsValid(name)) return false;
        Span<byte> native = stackalloc byte[Size];
        native.Clear();
        Encoding.ASCII.GetBytes(name, native);

        // SAFETY: the name is at most 15 bytes, zero-terminated and on this stack.
        fixed (byte* first = native) index = (int)NativeNetwork.InterfaceIndex(first);
        return index > 0;
    }
}
