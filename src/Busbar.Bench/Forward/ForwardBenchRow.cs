// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>Figures of one packet size of <c>bench forward</c>.</summary>
/// <param name="Size">Packet payload in bytes, the 4-byte transport header not counted.</param>
/// <param name="PacketsPerS">Packets that crossed the bridge, counted where they arrive.</param>
/// <param name="NsPerPacket">The same as time for each.</param>
/// <param name="CoreNsPerPacket">The bridge's turn alone: from one link in memory to another, in one thread.</param>
/// <param name="AllocatedPerPacket">Managed bytes of the whole process, generator and sink included.</param>
/// <param name="UnixPerS">Messages of the same size (header included) through a C forwarder between two AF_UNIX sockets; null without baselines.</param>
/// <param name="UdpPerS">The same between UDP sockets of the loopback interface; null without baselines.</param>
/// <param name="RatioUnix">Ours over <paramref name="UnixPerS"/>, median of the rounds' own ratios; null without baselines.</param>
/// <param name="RatioUdp">Ours over <paramref name="UdpPerS"/>; null without baselines.</param>
public sealed record ForwardBenchRow(
    int Size,
    Spread PacketsPerS,
    Spread NsPerPacket,
    Spread CoreNsPerPacket,
    double AllocatedPerPacket,
    Spread? UnixPerS,
    Spread? UdpPerS,
    Spread? RatioUnix,
    Spread? RatioUdp);
