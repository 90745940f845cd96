// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <summary>An address on a link's medium: 0 to 32 bytes (sockaddr_mctp_ext, smctp_haddr). Media without addresses use the empty one.</summary>
public readonly struct PhysicalAddress : IEquatable<PhysicalAddress>
{
    /// <summary>The longest address, in bytes (MAX_ADDR_LEN of Linux).</summary>
    public const int MaximumLength = 32;

    private readonly Bytes _bytes;

    /// <summary>Copies an address.</summary>
    /// <param name="bytes">0 to 32 bytes, in the medium's own order.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than 32 bytes.</exception>
    public PhysicalAddress(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaximumLength);
        Length = bytes.Length;
        Span<byte> own = _bytes;
        bytes.CopyTo(own);
    }

    /// <summary>Bytes in the address.</summary>
    public int Length { get; }

    /// <summary>Copies the address out.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public int CopyTo(Span<byte> destination)
    {
        ReadOnlySpan<byte> own = _bytes;
        own[..Length].CopyTo(destination);
        return Length;
    }

    /// <summary>Compares length and bytes.</summary>
    /// <param name="other">The other address.</param>
    public bool Equals(PhysicalAddress other)
    {
        ReadOnlySpan<byte> own = _bytes;
        ReadOnlySpan<byte> others = other._bytes;
        return own[..Length].SequenceEqual(others[..other.Length]);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PhysicalAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        ReadOnlySpan<byte> own = _bytes;
        hash.AddBytes(own[..Length]);
        return hash.ToHashCode();
    }

    /// <summary>Hexadecimal bytes joined by colons, as mctp(1) prints them; empty for the empty address.</summary>
    public override string ToString()
    {
        ReadOnlySpan<byte> own = _bytes;
        return string.Join(':', Convert.ToHexStringLower(own[..Length]).Chunk(2).Select(pair => new string(pair)));
    }

    /// <summary>Compares two addresses.</summary>
    public static bool operator ==(PhysicalAddress left, PhysicalAddress right) => left.Equals(right);

    /// <summary>Compares two addresses.</summary>
    public static bool operator !=(PhysicalAddress left, PhysicalAddress right) => !left.Equals(right);

    [InlineArray(MaximumLength)]
    private struct Bytes
    {
        private byte _first;
    }
}
