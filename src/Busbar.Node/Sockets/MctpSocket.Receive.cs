// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>Blocking and non-blocking receives.</content>
public sealed partial class MctpSocket
{
    /// <summary>Waits for a message, at most <see cref="ReceiveTimeout"/>.</summary>
    /// <param name="buffer">Gets the body without its type byte; a longer message is cut and says so.</param>
    /// <returns>Where it came from, and its length.</returns>
    /// <exception cref="MctpException"><see cref="MctpError.TimedOut"/>, <see cref="MctpError.LinkDown"/> when an outstanding request was lost with its link, or <see cref="MctpError.Closed"/>.</exception>
    public MctpReceiveResult ReceiveFrom(Span<byte> buffer) => ReceiveFrom(buffer, ReceiveTimeout);

    /// <summary>Waits for a message.</summary>
    /// <param name="buffer">Gets the body without its type byte; a longer message is cut and says so.</param>
    /// <param name="timeout">How long at most.</param>
    /// <returns>Where it came from, and its length.</returns>
    public MctpReceiveResult ReceiveFrom(Span<byte> buffer, TimeSpan timeout)
    {
        ReceiveOutcome outcome = _backend.Receive(buffer, timeout, out MctpReceiveResult result);
        return outcome switch
        {
            ReceiveOutcome.Received => result,
            ReceiveOutcome.Nothing => throw new MctpException(MctpError.TimedOut, $"no message within {timeout.TotalMilliseconds:0} ms"),
            ReceiveOutcome.LinkDown => throw new MctpException(MctpError.LinkDown, "the link went down while an answer was outstanding"),
            _ => throw Closed(),
        };
    }

    /// <summary>Waits for a message without throwing when none comes.</summary>
    /// <param name="buffer">Gets the body without its type byte.</param>
    /// <param name="timeout">How long at most; zero looks once.</param>
    /// <param name="result">Where it came from, and its length.</param>
    /// <returns>False when the time passed first, the link of an outstanding request went down, or the socket was closed.</returns>
    public bool TryReceiveFrom(Span<byte> buffer, TimeSpan timeout, out MctpReceiveResult result) =>
        _backend.Receive(buffer, timeout, out result) == ReceiveOutcome.Received;
}
