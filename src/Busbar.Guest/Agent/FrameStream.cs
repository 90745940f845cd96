// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Guest;

/// <summary>Frames over a byte stream: one thread reads, any thread writes.</summary>
internal sealed class FrameStream(Stream stream) : IDisposable
{
    private readonly FrameDecoder _decoder = new();
    private readonly Lock _writing = new();
    private readonly byte[] _frame = new byte[FrameDecoder.HeaderSize + FrameDecoder.MostPayload];

    /// <summary>What one frame does.</summary>
    public delegate void Handler(FrameKind kind, uint channel, ReadOnlySpan<byte> payload);

    /// <summary>Bytes that arrived and were no part of a frame; any thread may look.</summary>
    public long SkippedBytes => _decoder.SkippedBytes;

    /// <summary>Waits for bytes and hands over the frames that they complete.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool ReadSome(Handler handler)
    {
        int count = stream.Read(_decoder.FreeSpace().Span);
        if (count <= 0) return false;
        _decoder.Filled(count);
        while (_decoder.TryTake(out FrameKind kind, out uint channel, out ReadOnlySpan<byte> payload)) handler(kind, channel, payload);
        return true;
    }

    /// <summary>Sends one frame; waits while the other side takes nothing.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public void Write(FrameKind kind, uint channel, ReadOnlySpan<byte> payload)
    {
        lock (_writing)
        {
            int length = FrameDecoder.Encode(kind, channel, payload, _frame);
            stream.Write(_frame.AsSpan(0, length));
            stream.Flush();
        }
    }

    public void Dispose() => stream.Dispose();
}
