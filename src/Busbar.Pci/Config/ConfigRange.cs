// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>The rule that accesses to configuration space follow.</summary>
internal static class ConfigRange
{
    /// <summary>Throws for an access that is not aligned or not inside: a programmer's error, so decoders check before they use what a device says.</summary>
    public static void Check(int offset, int size, int length)
    {
        if (offset < 0 || offset > length - size || offset % size != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"An access of {size} bytes needs an aligned offset inside {length} bytes.");
        }
    }
}
