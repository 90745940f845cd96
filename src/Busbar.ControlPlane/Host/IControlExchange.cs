// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>One conversation: the same request, sent once or several times, and whatever comes back. Disposing it gives its tag and socket back.</summary>
public interface IControlExchange : IDisposable
{
    /// <summary>Called for each message that answers this exchange: its sender and its body from the byte behind the type byte on, valid during the call only.</summary>
    Action<MctpEndPoint, ReadOnlySpan<byte>>? Answered { get; set; }

    /// <summary>Sends the request.</summary>
    /// <param name="body">From the byte behind the type byte on.</param>
    /// <returns><see cref="SendStatus.Ok"/>, or why nothing was sent.</returns>
    SendStatus Send(ReadOnlySpan<byte> body);
}
