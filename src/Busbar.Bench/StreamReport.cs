// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Bench;

/// <summary>What the receiving process saw of a one-way stream.</summary>
/// <param name="Messages">Messages that arrived.</param>
/// <param name="ElapsedTicks">From the first message to the request for this report, in ticks of the high-resolution clock.</param>
/// <param name="AllocatedBytes">Managed bytes that the receiving thread allocated.</param>
/// <param name="CpuNanoseconds">Processor time of the receiving thread.</param>
internal readonly record struct StreamReport(long Messages, long ElapsedTicks, long AllocatedBytes, long CpuNanoseconds)
{
    /// <summary>Bytes in a message body, the leading <see cref="BenchProtocol.Report"/> included.</summary>
    public const int Size = 1 + (4 * sizeof(long));

    public void Write(Span<byte> body)
    {
        body[0] = BenchProtocol.Report;
        BinaryPrimitives.WriteInt64LittleEndian(body[1..], Messages);
        BinaryPrimitives.WriteInt64LittleEndian(body[9..], ElapsedTicks);
        BinaryPrimitives.WriteInt64LittleEndian(body[17..], AllocatedBytes);
        BinaryPrimitives.WriteInt64LittleEndian(body[25..], CpuNanoseconds);
    }

    public static StreamReport Read(ReadOnlySpan<byte> body) => new(
        BinaryPrimitives.ReadInt64LittleEndian(body[1..]),
        BinaryPrimitives.ReadInt64LittleEndian(body[9..]),
        BinaryPrimitives.ReadInt64LittleEndian(body[17..]),
        BinaryPrimitives.ReadInt64LittleEndian(body[25..]));
}
