// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings.Tests;

/// <summary>Two datagram channels that are joined in memory.</summary>
internal sealed class DatagramLine
{
    public DatagramLine(int capacity = 1024)
    {
        var forth = new Queue<byte[]>();
        var back = new Queue<byte[]>();
        A = new End(this, back, forth, capacity);
        B = new End(this, forth, back, capacity);
    }

    public End A { get; }

    public End B { get; }

    public bool IsCut { get; set; }

    public Func<byte[], bool>? Loses { get; set; }

    internal sealed class End(DatagramLine line, Queue<byte[]> incoming, Queue<byte[]> outgoing, int capacity) : IDatagramChannel
    {
        public bool IsOpen { get; private set; } = true;

        public List<byte[]> Written { get; } = [];

        public void Receive(byte[] datagram) => incoming.Enqueue(datagram);

        public DatagramResult TryRead(Span<byte> buffer, out int length)
        {
            length = 0;
            if (!incoming.TryDequeue(out byte[]? datagram))
            {
                if (line.IsCut) IsOpen = false;
                return DatagramResult.None;
            }

            if (datagram.Length == 0) return DatagramResult.Stranger;
            if (datagram.Length > buffer.Length) return DatagramResult.TooLong;
            datagram.CopyTo(buffer);
            length = datagram.Length;
            return DatagramResult.Received;
        }

        public bool TryWrite(ReadOnlySpan<byte> datagram)
        {
            if (line.IsCut || outgoing.Count >= capacity) return false;
            byte[] copy = datagram.ToArray();
            Written.Add(copy);
            if (line.Loses?.Invoke(copy) != true) outgoing.Enqueue(copy);
            return true;
        }
    }
}
