// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Time-outs, quotas and eviction of assemblies.</summary>
public sealed class BoundsTests
{
    [Theory]
    [InlineData(5_999, true)]
    [InlineData(6_000, false)]
    public void Assembly_IsFinished_OnlyWithinItsTime(int delay, bool delivered)
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        Start(core.Wire, 9, 0);
        core.PollAt(1_000);
        Middle(core.Wire, 9, 0, sequence: 1);
        core.PollAt(1_000 + 4_000);
        End(core.Wire, 9, 0, sequence: 2);
        core.PollAt(1_000 + delay);

        Assert.Equal(delivered, core.Receive(socket) is not null);
        Assert.Equal(delivered ? 0 : 1, core.Drops[DropReason.AssemblyTimeout]);
    }

    [Fact]
    public void NextDeadline_OfAStackWithAnAssembly_IsItsTimeout()
    {
        var core = new Core();
        core.OpenBound();
        Assert.Equal(long.MaxValue, core.Stack.NextDeadline);

        Start(core.Wire, 9, 0);
        core.PollAt(1_000);

        Assert.Equal(7_000, core.Stack.NextDeadline);
        core.PollAt(7_000);
        Assert.Equal(long.MaxValue, core.Stack.NextDeadline);
        Assert.Equal(0, core.Stack.RunningAssemblies);
        Assert.Equal(0, core.Stack.ReassemblyBytes);
    }

    [Fact]
    public void Peer_WithTooManyAssemblies_LosesItsOldestOnly()
    {
        var core = new Core(options: new MctpStackOptions { ReassemblyContextsPerPeer = 3 }, eids: [8, 77]);
        MctpSocketCore socket = core.OpenBound();
        Start(core.Wire, 50, 7);
        for (int tag = 0; tag < 4; tag++) Start(core.Wire, 9, tag);
        for (int tag = 0; tag < 4; tag++) End(core.Wire, 9, tag, sequence: 1);
        End(core.Wire, 50, 7, sequence: 1);
        core.Poll();

        Assert.Equal(1, core.Drops[DropReason.PeerQuota]);
        Assert.Equal(4, socket.QueuedMessages);
        Assert.Equal(1, core.Receive(socket, out MctpReceiveResult first) is null ? 0 : first.From.Tag.Value);
    }

    [Fact]
    public void FloodOfStarts_OnOneLink_KeepsTheBoundsAndTheOtherLinks()
    {
        var options = new MctpStackOptions { ReassemblyContexts = 64, ReassemblyContextsPerLink = 32, ReassemblyBytes = 1 << 20, ReassemblyBytesPerLink = 512 << 10 };
        var core = new Core(options: options);
        MctpSocketCore socket = core.OpenBound();
        var quiet = new WireEnd(core.Stack);
        Start(quiet, 30, 3);
        core.Poll();
        for (int round = 0; round < 3; round++)
        {
            for (int source = 8; source < 255; source++)
            {
                for (int tag = 0; tag < 8; tag++) Start(core.Wire, source, tag);
                core.Poll();

                Assert.True(core.Stack.RunningAssemblies <= 33);
                Assert.True(core.Stack.ReassemblyBytes <= 1 << 20);
            }
        }

        End(quiet, 30, 3, sequence: 1);

        Assert.NotNull(core.Receive(socket, out MctpReceiveResult result));
        Assert.Equal(30, result.From.Eid.Value);
        Assert.True(core.Drops[DropReason.LinkQuota] > 5_000);
    }

    [Fact]
    public void FloodOnAllLinks_AtTheCommonBound_HurtsTheFullestLink()
    {
        var options = new MctpStackOptions { ReassemblyContexts = 40, ReassemblyContextsPerLink = 32 };
        var core = new Core(options: options);
        MctpSocketCore socket = core.OpenBound();
        var second = new WireEnd(core.Stack);
        var quiet = new WireEnd(core.Stack);
        Start(quiet, 30, 3);
        core.Poll();
        for (int source = 8; source < 100; source++)
        {
            Start(core.Wire, source, 0);
            Start(second, source, 0);
            core.Poll();
            Assert.True(core.Stack.RunningAssemblies <= 40);
        }

        End(quiet, 30, 3, sequence: 1);

        Assert.NotNull(core.Receive(socket));
        Assert.True(core.Drops[DropReason.MemoryBound] > 0);
    }

    [Fact]
    public void LongMessages_BeyondTheLinksMemory_EndTheOldest()
    {
        var options = new MctpStackOptions { ReassemblyBytes = 512 << 10, ReassemblyBytesPerLink = 256 << 10 };
        var core = new Core(mtu: 40_000, options: options);
        MctpSocketCore socket = core.OpenBound();
        for (int tag = 0; tag < 8; tag++)
            core.Wire.Send(9, 8, Core.Flags(som: true, tag: tag), [Core.Vendor, .. Bytes.Pattern(29_999, tag)]);
        for (int tag = 0; tag < 8; tag++)
            core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1, tag: tag), Bytes.Pattern(10, tag));
        core.Poll();

        Assert.Equal(4, socket.QueuedMessages);
        Assert.Equal(4, core.Drops[DropReason.LinkQuota]);
        Assert.Equal([.. Bytes.Pattern(29_999, 4), .. Bytes.Pattern(10, 4)], core.Receive(socket)!);
    }

    [Fact]
    public void GrowingMessage_AtTheMemoryBound_IsFinishedAndOthersMakeRoom()
    {
        var options = new MctpStackOptions { ReassemblyBytes = 128 << 10, ReassemblyBytesPerLink = 64 << 10 };
        var core = new Core(mtu: 68, options: options);
        MctpSocketCore socket = core.OpenBound();
        byte[] message = [Core.Vendor, .. Bytes.Pattern(65_535)];
        byte[][] pieces = [.. message.Chunk(64)];
        for (int tag = 1; tag < 8; tag++) Start(core.Wire, 9, tag);
        for (int i = 0; i < pieces.Length; i++)
            core.Wire.Send(9, 8, Core.Flags(som: i == 0, eom: i == pieces.Length - 1, sequence: i), pieces[i]);

        Assert.Equal(message[1..], core.Receive(socket));
        Assert.Equal(0, core.Stack.RunningAssemblies);
        Assert.True(core.Drops[DropReason.LinkQuota] > 0);
    }

    [Fact]
    public void GrowingMessage_CountsItsOldBufferAsGivenBack()
    {
        var options = new MctpStackOptions { ReassemblyBytes = 1 << 20, ReassemblyBytesPerLink = 65_536 + 4_096 };
        var core = new Core(mtu: 68, options: options);
        MctpSocketCore socket = core.OpenBound();
        byte[][] pieces = [.. new byte[20_000].Chunk(64)];
        pieces[0][0] = Core.Vendor;
        Start(core.Wire, 9, 7);
        for (int i = 0; i < pieces.Length; i++)
            core.Wire.Send(9, 0, Core.Flags(som: i == 0, eom: i == pieces.Length - 1, sequence: i), pieces[i]);
        End(core.Wire, 9, 7, sequence: 1);
        core.Poll();

        Assert.Equal(2, socket.QueuedMessages);
        Assert.Equal(0, core.Drops.Total);
    }

    [Fact]
    public void ShortMessage_AfterALongOne_TakesAShortPlaceInTheQueue()
    {
        var core = new Core(mtu: 68, options: new MctpStackOptions { SocketQueueBytes = 65_536 });
        MctpSocketCore socket = core.OpenBound();
        byte[][] pieces = [.. new byte[60_000].Chunk(64)];
        pieces[0][0] = Core.Vendor;
        for (int i = 0; i < pieces.Length; i++)
            core.Wire.Send(9, 0, Core.Flags(som: i == 0, eom: i == pieces.Length - 1, sequence: i), pieces[i]);
        Assert.NotNull(core.Receive(socket));
        for (int i = 0; i < 2; i++)
        {
            Start(core.Wire, 9, i);
            End(core.Wire, 9, i, sequence: 1);
        }

        core.Poll();

        Assert.Equal(2, socket.QueuedMessages);
    }

    [Fact]
    public void AssemblyTable_UnderManyCollisions_FindsEveryMessage()
    {
        var core = new Core(eids: [8, 77]);
        MctpSocketCore socket = core.OpenBound();
        var random = new Random(1);
        var open = new List<(int Source, int Destination, int Tag)>();
        int delivered = 0;
        for (int step = 0; step < 20_000; step++)
        {
            if (open.Count < 100 && random.Next(2) == 0)
            {
                (int Source, int Destination, int Tag) key = (random.Next(8, 255), random.Next(2) == 0 ? 8 : 77, random.Next(8));
                if (open.Contains(key) || open.Count(other => other.Source == key.Source) >= 16) continue;
                core.Wire.Send(key.Source, key.Destination, Core.Flags(som: true, tag: key.Tag), Full((byte)key.Source));
                open.Add(key);
            }
            else if (open.Count != 0)
            {
                (int Source, int Destination, int Tag) key = open[random.Next(open.Count)];
                open.Remove(key);
                core.Wire.Send(key.Source, key.Destination, Core.Flags(eom: true, sequence: 1, tag: key.Tag), [(byte)key.Source]);
                byte[]? body = core.Receive(socket, out MctpReceiveResult result);

                Assert.Equal(key, (result.From.Eid.Value, result.Local.Value, result.From.Tag.Value));
                Assert.All(body!, value => Assert.Equal(key.Source, value));
                delivered++;
            }
        }

        Assert.Equal(0, core.Drops.Total);
        Assert.True(delivered > 5_000);
    }

    private static byte[] Full(byte value)
    {
        byte[] bytes = new byte[64];
        Array.Fill(bytes, value);
        bytes[0] = Core.Vendor;
        return bytes;
    }

    private static void Start(WireEnd wire, int source, int tag) =>
        wire.Send(source, 0, Core.Flags(som: true, tag: tag), [Core.Vendor, .. new byte[63]]);

    private static void Middle(WireEnd wire, int source, int tag, int sequence) =>
        wire.Send(source, 0, Core.Flags(sequence: sequence, tag: tag), new byte[64]);

    private static void End(WireEnd wire, int source, int tag, int sequence) =>
        wire.Send(source, 0, Core.Flags(eom: true, sequence: sequence, tag: tag), new byte[8]);
}
