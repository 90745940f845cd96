// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// What a <see cref="ControlRequester"/> needs of a socket: it sends requests with tags of their own, and gives back only answers from the peer and with the tag of a
/// request that is outstanding.
/// </summary>
public interface IControlCarrier
{
    /// <summary>A new Instance ID, 0..31.</summary>
    int NextInstanceId();

    /// <summary>Sends one control message.</summary>
    /// <param name="to">The peer; the tag asks for a new one.</param>
    /// <param name="body">The message without its type byte.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="tag">The tag that it carries.</param>
    SendStatus Send(in MctpEndPoint to, ReadOnlySpan<byte> body, long now, out MctpTag tag);

    /// <summary>Takes an answer that has arrived; never waits.</summary>
    /// <param name="buffer">Gets it without its type byte.</param>
    /// <param name="result">Where it came from.</param>
    bool TryReceive(Span<byte> buffer, out MctpReceiveResult result);

    /// <summary>Ends a request; harmless when it was answered.</summary>
    /// <param name="to">The peer that was asked.</param>
    /// <param name="tag">What the send returned.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    void Abandon(in MctpEndPoint to, MctpTag tag, long now);

    /// <summary>True once after the link of an outstanding request went down.</summary>
    bool TakeLinkDown();

    /// <summary>Counts an answer that was none.</summary>
    /// <param name="result">Where it came from.</param>
    void CountBad(in MctpReceiveResult result);
}
