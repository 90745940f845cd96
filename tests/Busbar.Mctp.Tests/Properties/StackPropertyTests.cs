// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;

namespace Busbar.Mctp.Tests;

/// <summary>What holds for any message, any interleaving and any packet.</summary>
public sealed class StackPropertyTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(60);

    [Fact]
    public void Messages_OfAnySizeOverAnyMtu_ArriveAsTheyWereSent() =>
        Check.One(s_config, Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            int mtu = random.Next(68, 2_000);
            (MctpStack sender, MctpStack receiver) = (new MctpStack(), new MctpStack());
            (PairLink a, PairLink b) = PairLink.Create(mtu, capacity: 1 << random.Next(12, 18));
            sender.AddLink(a);
            receiver.AddLink(b);
            receiver.AddAddress(b, new Eid(9));
            sender.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), a));
            MctpSocketCore from = sender.OpenSocket();
            MctpSocketCore to = receiver.OpenSocket();
            receiver.Bind(to, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
            byte[] buffer = new byte[66_000];
            for (int i = 0; i < 5; i++)
            {
                byte[] body = Bytes.Pattern(random.Next(0, random.Next(2) == 0 ? 300 : 65_536), random.Next(100));
                if (sender.Send(from, Core.Peer(9), body, 0, out MctpTag tag) != SendStatus.Ok) return false;
                for (int turn = 0; turn < 2_000 && to.QueuedMessages == 0; turn++)
                {
                    receiver.Poll(0, 1_000);
                    sender.Poll(0, 1_000);
                }

                if (!receiver.TryReceive(to, buffer, out MctpReceiveResult result) || result.From.Tag != tag) return false;
                if (!body.AsSpan().SequenceEqual(buffer.AsSpan(0, result.Length))) return false;
                sender.ReleaseTag(from, Core.Peer(9), tag, 0);
            }

            return sender.Statistics.Drops.Total + receiver.Statistics.Drops.Total == 0;
        }));

    [Fact]
    public void InterleavedMessages_OfManySources_AllArrive() =>
        Check.One(s_config, Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var core = new Core(mtu: 68);
            MctpSocketCore socket = core.OpenBound();
            var streams = new List<(int Source, int Tag, byte[] Message, int Next)>();
            var expected = new Dictionary<(int, int), byte[]>();
            for (int i = 0; i < 12; i++)
            {
                (int source, int tag) = (20 + random.Next(20), random.Next(8));
                byte[] message = [Core.Vendor, .. Bytes.Pattern(random.Next(0, 1_500), i)];
                if (expected.TryAdd((source, tag), message)) streams.Add((source, tag, message, 0));
            }

            while (streams.Count != 0)
            {
                int pick = random.Next(streams.Count);
                (int source, int tag, byte[] message, int next) = streams[pick];
                byte[] piece = message[(next * 64)..Math.Min((next + 1) * 64, message.Length)];
                bool last = (next + 1) * 64 >= message.Length;
                core.Wire.Send(source, 8, Core.Flags(som: next == 0, eom: last, sequence: next, tag: tag), piece);
                if (last) streams.RemoveAt(pick);
                else streams[pick] = (source, tag, message, next + 1);
            }

            while (core.Receive(socket, out MctpReceiveResult result) is { } body)
            {
                if (!expected.Remove((result.From.Eid.Value, result.From.Tag.Value), out byte[]? message)) return false;
                if (!message.AsSpan(1).SequenceEqual(body)) return false;
            }

            return expected.Count == 0 && core.Drops.Total == 0;
        }));

    [Fact]
    public void RandomPackets_NeverThrowAndStayWithinTheBounds() =>
        Check.One(s_config, Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var options = new MctpStackOptions
            {
                ReassemblyContexts = 24,
                ReassemblyContextsPerLink = 20,
                ReassemblyContextsPerPeer = 4,
                ReassemblyBytes = 256 << 10,
                ReassemblyBytesPerLink = 128 << 10,
                SocketQueueMessages = 16,
                StrictPacketSizes = random.Next(2) == 0,
            };
            var core = new Core(mtu: 9_000, options: options);
            MctpSocketCore socket = core.OpenBound();
            var second = new WireEnd(core.Stack, mtu: 9_000);
            core.Stack.SetService(MessageType.Control, new ControlResponder(new ControlResponderOptions { Uuid = Guid.Empty }));
            for (int i = 0; i < 400; i++)
            {
                byte[] packet = new byte[4 + (random.Next(20) == 0 ? random.Next(8_996) : random.Next(80))];
                random.NextBytes(packet);
                packet[0] = (byte)(random.Next(10) == 0 ? packet[0] : 1);
                packet[1] = (byte)(random.Next(3) == 0 ? packet[1] : 8);
                packet[2] = (byte)(random.Next(3) == 0 ? packet[2] : 20 + random.Next(3));
                if (packet.Length > 4 && random.Next(2) == 0) packet[4] = random.Next(2) == 0 ? Core.Vendor : (byte)0;
                (random.Next(2) == 0 ? core.Wire : second).Send(packet);
                if (random.Next(4) != 0) continue;
                core.PollAt(core.Now + random.Next(500));
                if (random.Next(3) == 0) core.Receive(socket);
                if (random.Next(5) == 0) core.Stack.Send(socket, Core.Peer((byte)(20 + random.Next(3))), new byte[random.Next(200)], core.Now);
                if (core.Stack.RunningAssemblies > 24 || core.Stack.ReassemblyBytes > 256 << 10 || socket.QueuedMessages > 16) return false;
            }

            core.PollAt(core.Now + 20_000);
            core.PollAt(core.Now + 20_000);
            return core.Stack.RunningAssemblies == 0 && core.Stack.ReassemblyBytes == 0 && core.Stack.NextDeadline == long.MaxValue;
        }));

    [Fact]
    public void EveryPacket_IsDeliveredDroppedOrStillBeingAssembled() =>
        Check.One(s_config, Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var core = new Core();
            MctpSocketCore socket = core.OpenBound();
            int whole = 0;
            for (int i = 0; i < 200; i++)
            {
                byte flags = (byte)(random.Next(256) | 0xC0);
                core.Wire.Send(random.Next(256), random.Next(3) == 0 ? random.Next(256) : 8, flags, [random.Next(4) == 0 ? (byte)5 : Core.Vendor, 1]);
                whole++;
            }

            core.Poll();
            return socket.QueuedMessages + core.Drops.Total == whole;
        }));
}
