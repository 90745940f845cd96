// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// Accesses to a region by message: configuration space, and windows that cannot be mapped. As on a bus, what is refused or has nobody to answer it any more
/// reads as ones, and writes to it are lost.
/// </summary>
internal sealed class ClientWindow(ClientChannel channel, int region, long start) : IRegionHandler
{
    private long _refused;

    /// <summary>Accesses that were refused or lost.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public ulong Read(int offset, int size)
    {
        Span<byte> question = stackalloc byte[VfioUserFormat.AccessLength];
        Span<byte> answer = stackalloc byte[VfioUserFormat.AccessLength + sizeof(ulong)];
        new RegionAccessHeader((ulong)(start + offset), (uint)region, (uint)size).Write(question);
        answer.Clear();
        Errno error = channel.Ask(VfioUserCommand.RegionRead, question, default, default, answer[..(VfioUserFormat.AccessLength + size)], out int length);
        if (error == Errno.None && length == VfioUserFormat.AccessLength + size)
        {
            return BinaryPrimitives.ReadUInt64LittleEndian(answer[VfioUserFormat.AccessLength..]);
        }

        Interlocked.Increment(ref _refused);
        return ulong.MaxValue >> (64 - (8 * size));
    }

    public void Write(int offset, int size, ulong value)
    {
        Span<byte> question = stackalloc byte[VfioUserFormat.AccessLength];
        Span<byte> answer = stackalloc byte[VfioUserFormat.AccessLength];
        Span<byte> data = stackalloc byte[sizeof(ulong)];
        new RegionAccessHeader((ulong)(start + offset), (uint)region, (uint)size).Write(question);
        BinaryPrimitives.WriteUInt64LittleEndian(data, value);
        Errno error = channel.Ask(VfioUserCommand.RegionWrite, question, data[..size], default, answer, out _);
        if (error != Errno.None) Interlocked.Increment(ref _refused);
    }
}
