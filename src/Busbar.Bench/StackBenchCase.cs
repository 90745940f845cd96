// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>One case of <c>bench stack</c>.</summary>
/// <param name="Mtu">Payload unit of a packet in bytes, the 4-byte header not counted.</param>
/// <param name="Message">Message bytes, the type byte included.</param>
/// <param name="Packets">Packets of a message.</param>
/// <param name="NsPerMessage">Send, packetise, route, receive, reassemble, deliver, and read from the socket.</param>
/// <param name="NsPerPacket">The same divided by the packets.</param>
/// <param name="BytesPerS">Message bytes.</param>
/// <param name="AllocatedPerMessage">Managed bytes.</param>
/// <param name="CNsPerMessage">The C program's time; null without baselines.</param>
/// <param name="Ratio">Ours over the C program's, median of the rounds' own ratios; null without baselines.</param>
public sealed record StackBenchCase(
    int Mtu,
    int Message,
    int Packets,
    Spread NsPerMessage,
    double NsPerPacket,
    double BytesPerS,
    double AllocatedPerMessage,
    Spread? CNsPerMessage,
    Spread? Ratio);
