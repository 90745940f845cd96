// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;

namespace Busbar.Fuzz;

/// <summary>
/// Two channels on one window while somebody else writes into it. Every access outside the window throws; when the writing stops, the link comes up
/// again and carries packets both ways.
/// </summary>
internal sealed class ChannelTarget : IFuzzTarget
{
    private const int WindowLength = 2048;
    private const int StepsToRecover = 6000;
    private const int MostPackets = 4096;

    private static readonly MmbiTimings s_timings = MmbiTimings.Default with { AcknowledgeLimit = 50, DrainLimit = 20, RefusalInterval = 50, VerifyInterval = 20 };

    public string Name => "channel";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        for (byte dialect = 0; dialect < 3; dialect++)
        {
            yield return ($"traffic{dialect}", [dialect, 1, 40, 5, 6, 2, 100, 5, 6, 0, 3, 1, 200, 1, 200, 0, 1]);
            yield return ($"pointers{dialect}", [dialect, 1, 40, 4, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1, 4, 1, 0x10, 0, 0, 0x80, 5, 6, 4, 2, 4, 0, 0, 0x80, 0, 2]);
            yield return ($"descriptor{dialect}", [dialect, 3, 0, 0, 0, 0, 0, 0, 0, 30, 2, 9, 0, 30, 3, 8, 0, 1, 2, 3, 4, 0, 30, 7]);
            yield return ($"ring{dialect}", [dialect, 1, 40, 2, 40, 4, 4, 0xFC, 0xFF, 0xFF, 4, 4, 5, 0, 0, 0, 0, 5, 6, 0, 1]);
        }
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        byte kind = reader.Byte();
        MmbiDialect dialect = MmbiDialect.All[kind % 3];
        using SharedRegion window = SharedRegion.Allocate(WindowLength, (kind & 0x80) == 0 ? RegionAccess.Ram : RegionAccess.Mmio);
        var owner = new MmbiChannel(window, new MmbiChannelOptions { Role = MmbiRole.Owner, Dialect = dialect, Timings = s_timings });
        var discoverer = new MmbiChannel(window, new MmbiChannelOptions { Dialect = (kind & 0x40) == 0 ? dialect : null, Timings = s_timings });
        long now = 1000;
        Step(owner, discoverer, ref now, 100);
        MmbiPlacement placement = owner.Placement!;
        int[] words =
        [
            placement.Ros, placement.Ros + 4, placement.Rws, placement.Rws + 4, (int)placement.OwnerToHost.Start, (int)placement.HostToOwner.Start, 0, 4, 8, 16,
        ];
        byte[] payload = new byte[512];
        while (!reader.IsEmpty)
        {
            switch (reader.Byte() % 8)
            {
                case 0:
                    Step(owner, discoverer, ref now, 1 + (reader.Byte() % 32));
                    break;
                case 1:
                    Send(owner, payload.AsSpan(0, reader.Byte() * 2));
                    break;
                case 2:
                    Send(discoverer, payload.AsSpan(0, reader.Byte() * 2));
                    break;
                case 3:
                    window.Write32(reader.UInt16() * 4 % WindowLength, reader.UInt32());
                    break;
                case 4:
                    window.Write32(words[reader.Byte() % words.Length], reader.UInt32());
                    break;
                case 5:
                    Receive(owner, now, null);
                    break;
                case 6:
                    Receive(discoverer, now, null);
                    break;
                default:
                    owner.PrepareSleep();
                    discoverer.PrepareSleep();
                    owner.CancelSleep();
                    discoverer.CancelSleep();
                    break;
            }
        }

        Recover(owner, discoverer, now);
    }

    private static void Recover(MmbiChannel owner, MmbiChannel discoverer, long now)
    {
        Step(owner, discoverer, ref now, 300);
        int steps = 0;
        while (!(owner.IsUp && discoverer.IsUp) && steps++ < StepsToRecover) Step(owner, discoverer, ref now, 1);
        FuzzViolationException.Require(owner.IsUp && discoverer.IsUp, $"the link comes up again (owner {owner.Phase} {owner.State}, discoverer {discoverer.Phase} {discoverer.State})");
        byte[] token = [0x5A, 1, 2, 3, 4, 5, 6];
        FuzzViolationException.Require(Crosses(owner, discoverer, token, ref now), "a packet reaches the discoverer");
        FuzzViolationException.Require(Crosses(discoverer, owner, token, ref now), "a packet reaches the owner");
    }

    private static bool Crosses(MmbiChannel from, MmbiChannel to, byte[] token, ref long now)
    {
        // More than once: what was written may show only when the next packet comes, and then costs that packet and a reset.
        for (int steps = 0; steps < 2000; steps++)
        {
            now++;
            from.Poll(now);
            if (steps % 200 == 0) Send(from, token);
            if (Receive(to, now, token)) return true;
            Receive(from, now, null);
        }

        return false;
    }

    private static void Step(MmbiChannel owner, MmbiChannel discoverer, ref long now, int milliseconds)
    {
        for (; milliseconds > 0; milliseconds--)
        {
            now++;
            Receive(owner, now, null);
            Receive(discoverer, now, null);
            owner.Flush();
            discoverer.Flush();
        }
    }

    private static bool Send(MmbiChannel channel, ReadOnlySpan<byte> payload)
    {
        if (channel.Room(1, payload.Length + MctpHeader.Size) != SendRoom.Now) return false;
        bool written = channel.TryWrite(new MctpHeader(new Eid(8), new Eid(9), som: true, eom: true, sequence: 0, owner: true, tag: 0), payload, default);
        channel.Flush();
        return written;
    }

    // True when the token was among what arrived.
    private static bool Receive(MmbiChannel channel, long now, byte[]? token)
    {
        bool found = false;
        if (!channel.Poll(now)) return found;
        int packets = 0;
        while (channel.TryReceive(out MmbiPacket packet))
        {
            FuzzViolationException.Require(packets++ < MostPackets, "a turn comes to an end");
            FuzzViolationException.Require(packet.Length <= WindowLength, "a packet is no longer than the window");
            byte[] bytes = [.. packet.First, .. packet.Second];
            found |= token is not null && bytes.Length == token.Length + MctpHeader.Size && bytes.AsSpan(MctpHeader.Size).SequenceEqual(token);
            channel.Advance();
        }

        return found;
    }
}
