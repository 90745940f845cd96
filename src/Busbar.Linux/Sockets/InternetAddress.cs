// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Busbar.Linux;

/// <summary>struct sockaddr_in and sockaddr_in6 (netinet/in.h) as bytes.</summary>
internal static class InternetAddress
{
    public const int LargestSize = 28;

    private const ushort FamilyV4 = 2;
    private const ushort FamilyV6 = 10;
    private const int SizeV4 = 16;

    public static int FamilyOf(IPEndPoint endPoint) => endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? FamilyV6 : FamilyV4;

    /// <summary>Writes the kernel's structure.</summary>
    /// <returns>Its bytes.</returns>
    public static int Write(IPEndPoint endPoint, Span<byte> destination)
    {
        bool isV6 = FamilyOf(endPoint) == FamilyV6;
        int size = isV6 ? LargestSize : SizeV4;
        destination[..size].Clear();

        // The family stands in the processor's own order, which is little-endian wherever this runs; the port in that of the network.
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)FamilyOf(endPoint));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(destination[(isV6 ? 8 : 4)..], out _);
        if (isV6) BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], (uint)endPoint.Address.ScopeId);
        return size;
    }

    /// <summary>Reads the kernel's structure.</summary>
    public static IPEndPoint Read(ReadOnlySpan<byte> source)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(source) == FamilyV6
            ? new IPEndPoint(new IPAddress(source.Slice(8, 16), BinaryPrimitives.ReadUInt32LittleEndian(source[24..])), port)
            : new IPEndPoint(new IPAddress(source.Slice(4, 4)), port);
    }

    /// <summary>True when both are the same host and port; what else is in the structures does not count.</summary>
    public static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        one.Length == other.Length && one.Length >= SizeV4 && one[..4].SequenceEqual(other[..4])
        && (one.Length == LargestSize ? one.Slice(8, 16).SequenceEqual(other.Slice(8, 16)) : one.Slice(4, 4).SequenceEqual(other.Slice(4, 4)));
}
