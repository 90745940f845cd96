// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>What a client's connection became after its hello. All in the loop's thread.</summary>
internal interface ILane : IDisposable
{
    /// <summary>Takes one packet; valid during the call only.</summary>
    /// <returns>False when the client broke the framing: the connection ends.</returns>
    bool TryTake(ReadOnlySpan<byte> packet);

    /// <summary>The connection can be written to again.</summary>
    void Continue();
}
