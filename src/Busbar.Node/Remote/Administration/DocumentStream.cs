// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>
/// Documents in packets: each packet is one byte, 1 when more of the document follows and 0 when it ends here, and then at most 32 KiB of it. This class puts them together
/// again, never more than a bound.
/// </summary>
internal sealed class DocumentStream
{
    /// <summary>The longest packet.</summary>
    public const int LongestPacket = 1 + LongestPiece;

    /// <summary>The most of a document in one packet.</summary>
    public const int LongestPiece = 32_768;

    private readonly int _bound;
    private byte[] _document = new byte[1024];
    private int _length;
    private bool _isWhole;

    public DocumentStream(int bound) => _bound = bound;

    /// <summary>Takes one packet.</summary>
    /// <returns>False when it breaks the rules: the connection is of no use any more.</returns>
    public bool TryTake(ReadOnlySpan<byte> packet, out bool isWhole)
    {
        isWhole = false;
        if (_isWhole) _length = 0;
        _isWhole = false;
        if (packet.Length < 1 || packet[0] > 1 || packet.Length > LongestPacket || packet.Length - 1 > _bound - _length) return false;
        if (packet[0] == 1 && packet.Length == 1) return false;
        int needed = _length + packet.Length - 1;
        if (needed > _document.Length) Array.Resize(ref _document, (int)Math.Min(_bound, Math.Max(needed, _document.Length * 2L)));
        packet[1..].CopyTo(_document.AsSpan(_length));
        _length = needed;
        isWhole = _isWhole = packet[0] == 0;
        return true;
    }

    /// <summary>The document that was completed last, until the next packet is taken.</summary>
    public ReadOnlySpan<byte> Document => _document.AsSpan(0, _length);

    /// <summary>The next packet of a document.</summary>
    /// <param name="document">The whole document.</param>
    /// <param name="position">How much of it went out; moved on.</param>
    /// <param name="packet">At least <see cref="LongestPacket"/>.</param>
    /// <returns>Bytes of the packet.</returns>
    public static int NextPacket(ReadOnlySpan<byte> document, ref int position, Span<byte> packet)
    {
        ReadOnlySpan<byte> piece = document[position..Math.Min(document.Length, position + LongestPiece)];
        position += piece.Length;
        packet[0] = position < document.Length ? (byte)1 : (byte)0;
        piece.CopyTo(packet[1..]);
        return 1 + piece.Length;
    }
}
