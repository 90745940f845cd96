// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>Clients of the daemon's socket that do what they should not.</summary>
public sealed class LaneTests : IDisposable
{
    private static readonly MctpEndPoint s_request = new(PairNode.Far, MessageType.Pldm, MctpTag.Owner);

    private readonly PairNode _pair = new();

    public static TheoryData<string, byte[]> BadHellos => new()
    {
        { "too short", "BUSBA"u8.ToArray() },
        { "of another protocol", "BUSTER\u0001\u0000"u8.ToArray() },
        { "with something behind it", "BUSBAR\u0001\u0000\u0000"u8.ToArray() },
        { "huge", new byte[70_000] },
    };

    public static TheoryData<string, byte[]> BadFrames => new()
    {
        { "shorter than a head", [3, 0, 0, 0, 1] },
        { "with a pad", [9, 0, 1, 0, 1, 0, 0, 0] },
        { "unknown", [99, 0, 0, 0, 1, 0, 0, 0] },
        { "only the daemon sends", [0x41, 0, 0, 0, 1, 0, 0, 0] },
        { "without its address", [1, 0, 0, 0, 1, 0, 0, 0, 45, 0] },
        { "with an address of another family", [1, 0, 0, 0, 1, 0, 0, 0, .. new byte[52]] },
        { "with an unknown flag", [9, 2, 0, 0, 1, 0, 0, 0] },
        { "with something behind it", [9, 0, 0, 0, 1, 0, 0, 0, 0] },
        { "too long", new byte[LaneFormat.LongestFrame + 100] },
    };

    public void Dispose() => _pair.Dispose();

    [Theory]
    [MemberData(nameof(BadHellos))]
    public void Hello_ThatIsWrong_EndsTheConnectionAndIsCounted(string what, byte[] hello)
    {
        using var server = new LaneServer(_pair.Node);
        using UnixPackets client = UnixPackets.Connect(server.Path, timeoutMs: 1000);

        client.TrySend(hello);

        AssertEnds(client, what);
        RunningLoop.Await(() => server.Do(() => server.Counters is { Malformed: 1, Connected: 0 }), "the count");
    }

    [Fact]
    public void Hello_OfAnotherVersion_IsToldOurs()
    {
        using var server = new LaneServer(_pair.Node);
        using UnixPackets client = UnixPackets.Connect(server.Path, timeoutMs: 1000);
        byte[] answer = new byte[256];

        client.TrySend("BUSBAR\u0009\u0000"u8);
        Assert.True(client.Wait(PollEvents.Readable, 10_000));
        client.TryReceive(answer, out int count);

        Assert.True(LaneFormat.TryReadHello(answer.AsSpan(0, count), out byte version, out byte last));
        Assert.Equal((LaneFormat.Version, (byte)LaneAnswer.WrongVersion), (version, last));
        AssertEnds(client, "another version");
    }

    [Fact]
    public void Lane_ThatIsNotOffered_IsRefusedWithATypedError()
    {
        using var server = new LaneServer(sockets: null);

        MctpException noSockets = Assert.Throws<MctpException>(() => DaemonMctp.Open(server.Path));
        MctpException noAdministration = Assert.Throws<MctpException>(() => RemoteAdministration.Connect(server.Path));

        Assert.Equal((MctpError.NotSupported, MctpError.NotSupported), (noSockets.Error, noAdministration.Error));
    }

    [Fact]
    public void Daemon_ThatIsNotThere_IsNamed()
    {
        MctpException missing = Assert.Throws<MctpException>(() => DaemonMctp.Open("/dev/shm/no-such-daemon"));

        Assert.Equal(MctpError.Unreachable, missing.Error);
        Assert.Contains("start 'busbar daemon'", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadFrames))]
    public void Frame_ThatIsWrong_EndsThisClientAlone(string what, byte[] frame)
    {
        using var server = new LaneServer(_pair.Node);
        using MctpSocket good = DaemonMctp.Open(server.Path).OpenSocket();
        using UnixPackets bad = DaemonConnector.Connect(server.Path, LaneKind.Datagram);

        bad.TrySend(frame);

        AssertEnds(bad, what);
        good.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
        RunningLoop.Await(() => server.Do(() => server.Counters.Malformed == 1), "the count");
    }

    [Fact]
    public void Clients_BeyondTheLimit_AreToldSo()
    {
        using var server = new LaneServer(_pair.Node, mostClients: 2);
        using UnixPackets first = DaemonConnector.Connect(server.Path, LaneKind.Datagram);
        using UnixPackets second = DaemonConnector.Connect(server.Path, LaneKind.Datagram);

        MctpException refusal = Assert.Throws<MctpException>(() => DaemonConnector.Connect(server.Path, LaneKind.Datagram));

        Assert.Equal(MctpError.Unreachable, refusal.Error);
        Assert.Contains("too many clients", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Do(() => server.Counters.Refused));
    }

    [Fact]
    public async Task Client_BehindACrowdAtTheDoor_IsServedWhenItsTurnComes()
    {
        using var folder = new TestFolder();
        string path = folder.File("s");
        using UnixListener listener = UnixListener.BindPackets(path, backlog: 1);
        var crowd = new List<UnixPackets>();
        while (crowd.Count < 100 && UnixPackets.TryConnect(path, out _) is { } one) crowd.Add(one);

        Task<UnixPackets> late = Task.Run(() => DaemonConnector.Connect(path, LaneKind.Datagram), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<TimeoutException>(() => late.WaitAsync(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));
        var served = new List<UnixPackets>();
        RunningLoop.Await(
            () =>
            {
                Serve(listener, served);
                return late.IsCompleted;
            },
            "the connection");

        using UnixPackets connection = await late;
        foreach (UnixPackets one in crowd.Concat(served)) one.Dispose();
    }

    [Fact]
    public void Clients_Thousands_ComeAndGoAndTheDaemonKeepsNothing()
    {
        using var server = new LaneServer(_pair.Node, mostClients: 3000);
        using MctpSocket good = DaemonMctp.Open(server.Path).OpenSocket();
        byte[] hello = new byte[LaneFormat.HelloSize];
        LaneFormat.WriteHello(hello, (byte)LaneKind.Datagram);
        byte[] bind = new byte[LaneFormat.HeadSize + LaneFormat.AddressSize];
        for (int round = 0; round < 3; round++)
        {
            var clients = new List<UnixPackets>();
            for (int i = 0; i < 1000; i++)
            {
                UnixPackets client = UnixPackets.Connect(server.Path, timeoutMs: 20_000);
                clients.Add(client);

                // A third says nothing, a third is in the middle of its work, a third talks nonsense.
                if (i % 3 == 0) continue;
                client.TrySend(hello);
                LaneFormat.WriteHead(bind, LaneOperation.Bind, 0, 1);
                LaneFormat.WriteAddress(bind.AsSpan(LaneFormat.HeadSize), new MctpEndPoint(Eid.Any, new MessageType((byte)(1 + (i % 100)))));
                client.TrySend(i % 3 == 1 ? bind : bind.AsSpan(0, 20));
            }

            foreach (UnixPackets client in clients) client.Dispose();
            RunningLoop.Await(() => server.Do(() => server.Counters.Connected) == 1, "the end of all connections");
        }

        good.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
        Assert.Equal(0, server.Do(() => server.Counters.Refused));
    }

    [Fact]
    public void Client_ThatStopsReading_HoldsUpNobodyAndIsBounded()
    {
        using var server = new LaneServer(_pair.Node);
        DaemonMctp source = DaemonMctp.Open(server.Path);
        using MctpSocket deaf = source.OpenSocket();
        deaf.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
        using MctpSocket listening = source.OpenSocket();
        listening.Bind(new MctpEndPoint(Eid.Any, MessageType.Spdm));
        using MctpSocket client = source.OpenSocket();
        MctpTag tag = client.AllocateTag(s_request);
        byte[] large = new byte[4096];

        // More than the socket of the connection and the queue of the stack hold together.
        for (int i = 0; i < 3000; i++) client.SendTo(large, s_request with { Tag = tag });
        client.SendTo([1], s_request with { Type = MessageType.Spdm, Tag = tag });
        MctpReceiveResult passed = listening.ReceiveFrom(large, TimeSpan.FromSeconds(20));

        Assert.Equal(1, passed.Length);
        RunningLoop.Await(() => _pair.Node.Read((stack, _) => stack.Statistics.Drops[DropReason.QueueFull]) > 0, "a drop that is counted");
    }

    [Fact]
    public void Client_ThatAsksWithoutReadingReplies_IsNotReadFromEither()
    {
        using var server = new LaneServer(_pair.Node);
        using UnixPackets flood = DaemonConnector.Connect(server.Path, LaneKind.Datagram);
        using MctpSocket good = DaemonMctp.Open(server.Path).OpenSocket();
        byte[] query = new byte[LaneFormat.HeadSize];
        LaneFormat.WriteHead(query, LaneOperation.Query, 0, 1);

        // Both directions fill up in the end, instead of the daemon's memory.
        int sent = 0;
        while (sent < 1_000_000 && (flood.TrySend(query) == SendResult.Sent || flood.Wait(PollEvents.Writable, 300))) sent++;

        Assert.True(sent < 1_000_000, "the daemon took everything");
        good.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
    }

    [Fact]
    public void Client_ThatGoes_GivesItsBindBack()
    {
        using var server = new LaneServer(_pair.Node);
        MctpSocket first = DaemonMctp.Open(server.Path).OpenSocket();
        first.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));

        first.Dispose();

        RunningLoop.Await(() => server.Do(() => server.Counters.Connected == 0), "the end of the connection");
        using MctpSocket own = _pair.Node.OpenSocket();
        own.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
    }

    [Fact]
    public void Daemon_ThatEnds_FailsItsClientsWithItsName()
    {
        var server = new LaneServer(_pair.Node);
        using MctpSocket socket = DaemonMctp.Open(server.Path).OpenSocket();
        socket.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));

        server.Dispose();

        MctpException failure = Assert.Throws<MctpException>(() => socket.ReceiveFrom(new byte[8], TimeSpan.FromSeconds(10)));
        Assert.Equal(MctpError.Closed, failure.Error);
        Assert.Contains("ended the connection", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(server.Path));
    }

    // Takes one connection, if somebody waits, and welcomes it.
    private static void Serve(UnixListener listener, List<UnixPackets> served)
    {
        listener.TryAcceptPackets(out UnixPackets? accepted);
        if (accepted is null) return;
        Span<byte> hello = stackalloc byte[LaneFormat.HelloSize];
        LaneFormat.WriteHello(hello, (byte)LaneAnswer.Welcome);
        accepted.TrySend(hello);
        served.Add(accepted);
    }

    private static void AssertEnds(UnixPackets client, string what)
    {
        byte[] buffer = new byte[1024];
        for (int i = 0; i < 100; i++)
        {
            Assert.True(client.Wait(PollEvents.Readable, 10_000), $"the connection with a packet {what} did not end");
            if (client.TryReceive(buffer, out _) == ReceiveResult.Closed) return;
        }

        Assert.Fail($"the connection with a packet {what} goes on");
    }
}
