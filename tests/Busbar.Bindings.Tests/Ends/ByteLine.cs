// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings.Tests;

/// <summary>Two channels that are joined in memory, with a place between them where bytes can be lost, changed and added.</summary>
internal sealed class ByteLine
{
    public ByteLine(int capacity = 1 << 20)
    {
        var forth = new Queue<byte>();
        var back = new Queue<byte>();
        A = new End(this, back, forth, capacity);
        B = new End(this, forth, back, capacity);
    }

    public End A { get; }

    public End B { get; }

    /// <summary>What becomes of each byte on its way; null for nothing special.</summary>
    public Func<byte, IEnumerable<byte>>? Disturbance { get; set; }

    public bool IsCut { get; set; }

    internal sealed class End(ByteLine line, Queue<byte> incoming, Queue<byte> outgoing, int capacity) : IByteChannel
    {
        private bool _sawEnd;

        public bool IsOpen => !_sawEnd;

        public int LargestPiece { get; set; } = int.MaxValue;

        public int Writes { get; private set; }

        public List<byte> Written { get; } = [];

        public int TryRead(Span<byte> buffer)
        {
            int count = 0;
            while (count < Math.Min(buffer.Length, LargestPiece) && incoming.TryDequeue(out byte value)) buffer[count++] = value;
            if (count == 0 && line.IsCut) _sawEnd = true;
            return count;
        }

        public int TryWrite(ReadOnlySpan<byte> bytes)
        {
            if (line.IsCut) _sawEnd = true;
            int count = _sawEnd ? 0 : Math.Min(Math.Min(bytes.Length, LargestPiece), capacity - outgoing.Count);
            if (count > 0) Writes++;
            foreach (byte value in bytes[..count])
            {
                Written.Add(value);
                foreach (byte result in line.Disturbance?.Invoke(value) ?? [value]) outgoing.Enqueue(result);
            }

            return count;
        }
    }
}
