// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>
/// The configuration space of a function, as its driver sees it. Little endian; offsets are bytes from the start and aligned to the access.
/// May be called from any thread; each access costs a system call, or more, on real hardware.
/// </summary>
public interface IPciConfigSpace
{
    /// <summary>Bytes that can be read: 256, 4096 with extended capabilities, 64 for an unprivileged reader.</summary>
    int Length { get; }

    /// <summary>Reads a byte.</summary>
    /// <param name="offset">0 to <see cref="Length"/> - 1.</param>
    byte Read8(int offset);

    /// <summary>Reads two bytes.</summary>
    /// <param name="offset">Even, inside.</param>
    ushort Read16(int offset);

    /// <summary>Reads four bytes.</summary>
    /// <param name="offset">A multiple of 4, inside.</param>
    uint Read32(int offset);

    /// <summary>Writes a byte; what is not writable stays.</summary>
    /// <param name="offset">Inside.</param>
    /// <param name="value">The value.</param>
    void Write8(int offset, byte value);

    /// <summary>Writes two bytes.</summary>
    /// <param name="offset">Even, inside.</param>
    /// <param name="value">The value.</param>
    void Write16(int offset, ushort value);

    /// <summary>Writes four bytes.</summary>
    /// <param name="offset">A multiple of 4, inside.</param>
    /// <param name="value">The value.</param>
    void Write32(int offset, uint value);
}
