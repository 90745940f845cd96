// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Where <see cref="Packetiser"/> puts packets. Implemented by structs, so that the loop over the packets of a message contains no indirect call.</summary>
public interface IPacketSink
{
    /// <summary>Stages one packet.</summary>
    /// <param name="header">The transport header.</param>
    /// <param name="first">First part of the payload; empty, or the type byte.</param>
    /// <param name="second">The rest of the payload.</param>
    /// <returns>False when it cannot be staged.</returns>
    bool Write(MctpHeader header, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second);
}
