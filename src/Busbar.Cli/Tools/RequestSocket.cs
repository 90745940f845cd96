// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Sends one request at a time, and waits for the answer that carries its tag.</summary>
internal sealed class RequestSocket : IDisposable
{
    private readonly MctpSocket _socket;
    private readonly byte[] _buffer = new byte[65_536];

    public RequestSocket(IMctpSocketSource source) => _socket = source.OpenSocket();

    /// <summary>The answer's body, of the last <see cref="TryAsk"/> that had one.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(0, Math.Min(Answer.Length, _buffer.Length));

    /// <summary>Where the last answer came from, and how long it was.</summary>
    public MctpReceiveResult Answer { get; private set; }

    /// <summary>Microseconds from the last request to its answer.</summary>
    public double Microseconds { get; private set; }

    /// <summary>Asks.</summary>
    /// <param name="body">The request's body without its type byte.</param>
    /// <param name="to">Whom, and by which type.</param>
    /// <param name="timeout">How long to wait for the answer, and for room; infinite is possible.</param>
    /// <returns>False when no answer came in time.</returns>
    /// <exception cref="MctpException">The request cannot be sent.</exception>
    public bool TryAsk(ReadOnlySpan<byte> body, in MctpEndPoint to, TimeSpan timeout)
    {
        _socket.SendTimeout = timeout;
        long start = Stopwatch.GetTimestamp();
        MctpTag tag = _socket.SendTo(body, to);
        while (true)
        {
            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - Stopwatch.GetElapsedTime(start);
            if (left != Timeout.InfiniteTimeSpan && left < TimeSpan.Zero) left = TimeSpan.Zero;
            if (!_socket.TryReceiveFrom(_buffer, left, out MctpReceiveResult result))
            {
                _socket.Abandon(to, tag);
                return false;
            }

            if (result.From.Tag.IsOwner || result.From.Tag.Value != tag.Value) continue;
            Answer = result;
            Microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            return true;
        }
    }

    public void Dispose() => _socket.Dispose();
}
