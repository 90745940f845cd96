// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Busbar.Daemon;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Fuzz;

/// <summary>
/// A whole daemon with an emulated bus, and a crowd of clients on its sockets: hellos, frames, documents and demultiplexer packets that are cut, contradictory or made up, descriptors that
/// nobody asked for, clients that do not read, that come and go. The daemon's loop goes on, keeps no client and no descriptor, and serves the next one.
/// </summary>
internal sealed class DaemonClientTarget : IFuzzTarget
{
    private const int MostClients = 8;
    private const int MostSteps = 200;
    private const string Mux = "busbar-fuzz-mux";

    private static readonly string[] s_methods =
    [
        "state", "links", "setLink", "addAddress", "removeAddress", "addRoute", "removeRoute", "addNeighbour", "removeNeighbour", "setupEndpoint", "assignEndpoint",
        "assignEndpointStatic", "assignBridgeStatic", "learnEndpoint", "learnEndpointByEid", "removeEndpoint", "recoverEndpoint", "setMtu", "setRole", "reload", "watch", "none",
    ];

    private readonly byte[] _buffer = new byte[70_000];
    private readonly Lazy<(EventLoop Loop, MctpDaemon Daemon)> _daemon = new(Start);

    public string Name => "daemon-client";

    private static string Path { get; } = ScratchFolder.File("d");

    private static string MuxName => $"{Mux}-{Environment.ProcessId}";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        yield return ("socket-lane", [0, 0, 7, 3, 1, 0, 7, 3, 3, 0, 40, 1, 2, 3, 7, 5, 3, 5, 0, 3, 9, 0, 7, 5]);
        yield return ("raw-lane", [0, 1, 7, 3, 4, 0, 30, 1, 8, 9, 200, 7, 5]);
        yield return ("administration", [0, 2, 7, 4, 0, 7, 4, 9, 1, 7, 4, 20, 7, 5, 4, 2, 200, 7, 7, 5]);
        yield return ("cut-and-wrong", [0, 9, 7, 8, 0, 2, 3, 5, 6, 7, 7, 16, 0, 7, 19, 1, 255, 7, 21]);
        yield return ("descriptors", [0, 0, 6, 3, 7, 8, 2, 14, 7, 7]);
        yield return ("crowd-that-does-not-read", [0, 2, 8, 2, 16, 2, 24, 2, 7, 4, 20, 12, 20, 20, 20, 28, 20, 7, 4, 0, 12, 0, 20, 0, 28, 0, 7, 7]);
        yield return ("demultiplexer", [0, 200, 7, 2, 1, 1, 7, 2, 3, 8, 1, 128, 7, 2, 3, 9, 1, 0, 7, 5]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        (EventLoop loop, MctpDaemon daemon) = _daemon.Value;
        var clients = new UnixPackets?[MostClients];
        var reader = new InputReader(input);
        for (int steps = 0; !reader.IsEmpty && steps < MostSteps; steps++)
        {
            byte op = reader.Byte();
            Step(op & 7, ref clients[(op >> 3) % MostClients], ref reader, loop);
        }

        foreach (UnixPackets? client in clients) client?.Dispose();

        // Some were never accepted before they went.
        for (int turn = 0; turn < 1000 && (turn < 4 || daemon.Clients != 0); turn++) loop.Turn(turn < 4 ? 0 : 1);
        FuzzViolationException.Require(daemon.Clients == 0, "clients that hung up are gone");
        ServeOne(loop);
        DescriptorWatch.Check(this);
    }

    private static (EventLoop Loop, MctpDaemon Daemon) Start()
    {
        const string Text = "backend = \"user\"\n[daemon]\ndbus = \"none\"\nmax_clients = 6\nservices = [\"echo\"]\n[mctp]\nmessage_timeout_ms = 1\n"
            + "[[link]]\nname = \"bus0\"\nemulate = { endpoints = 2 }\naddresses = [8]\n";
        var loop = new EventLoop();
        DaemonConfiguration configuration = ConfigurationFile.Parse(Text, "fuzz", ConfigurationDialect.Busbar);
        configuration = configuration with { Daemon = configuration.Daemon with { Socket = Path, Mux = MuxName } };
        Task<MctpDaemon> starting = loop.InvokeAsync(() => MctpDaemon.StartAsync(loop, configuration, new DaemonOptions()));
        while (!starting.IsCompleted) loop.Turn(10);
        return (loop, starting.GetAwaiter().GetResult());
    }

    private void Step(int kind, ref UnixPackets? client, ref InputReader reader, EventLoop loop)
    {
        switch (kind)
        {
            case 0:
                client?.Dispose();
                client = Connect(reader.Byte());
                break;
            case 1:
                client?.Dispose();
                client = null;
                break;
            case 2:
                ReadOnlySpan<byte> raw = reader.Take(1 + reader.Byte());
                if (raw.Length > 0) client?.TrySend(raw);
                break;
            case 3:
                client?.TrySend(Frame(ref reader));
                break;
            case 4:
                client?.TrySend([(byte)(reader.Byte() == 200 ? 1 : 0), .. Encoding.UTF8.GetBytes(Document(ref reader))]);
                break;
            case 5:
                while (client is not null && client.TryReceive(_buffer, out _) is ReceiveResult.Received or ReceiveResult.Truncated)
                {
                    // What comes is not judged here; the tests of the lanes do that.
                }

                break;
            case 6:
                SendWithDescriptors(client, ref reader);
                break;
            default:
                loop.Turn(0);
                break;
        }
    }

    private static UnixPackets? Connect(byte kind)
    {
        if (kind >= 128) return UnixPackets.TryConnect("@" + MuxName, out _);
        UnixPackets? client = UnixPackets.TryConnect(Path, out _);
        Span<byte> hello = stackalloc byte[LaneFormat.HelloSize];
        LaneFormat.WriteHello(hello, kind);
        if (kind < 64) client?.TrySend(hello);
        return client;
    }

    // A frame whose head and address are mostly right, so that what lies behind them is reached.
    private static byte[] Frame(ref InputReader reader)
    {
        byte operation = reader.Byte();
        byte shape = reader.Byte();
        byte[] frame = new byte[LaneFormat.HeadSize + LaneFormat.AddressSize];
        LaneFormat.WriteHead(frame, (LaneOperation)operation, (byte)(shape & 1), (uint)(shape >> 1));
        byte eid = reader.Byte();
        byte rest = reader.Byte();
        MctpTag.TryCreate((byte)(rest & 0x1F), out MctpTag tag);
        var address = new MctpEndPoint(new Eid(eid), new MessageType((byte)(shape ^ rest)), tag, (uint)(rest >> 6), rest >> 5, (rest & 0x20) != 0 ? new PhysicalAddress([eid]) : default);
        LaneFormat.WriteAddress(frame.AsSpan(LaneFormat.HeadSize), address);
        int length = operation is 8 or 9 or 10 ? LaneFormat.HeadSize : frame.Length;
        return [.. frame[..length], .. reader.Take(operation is 3 or 4 ? rest : shape >> 6)];
    }

    private static string Document(ref InputReader reader)
    {
        string method = s_methods[reader.Byte() % s_methods.Length];
        sbyte number = (sbyte)reader.Byte();
        string address = (reader.Byte() & 3) switch { 0 => "\"0a\"", 1 => "\"\"", 2 => "null", _ => "\"\\ud800:zz\"" };
        return $$$"""
            {"id":{{{number}}},"method":"{{{method}}}","link":{{{number & 3}}},"network":{{{number & 1}}},"eid":{{{number}}},"address":{{{address}}},"mtu":{{{number}}},"poolStart":{{{number}}},"poolSize":{{{number}}},
            "role":"{{{number}}}","isUp":true,"route":{"first":{{{number}}},"last":{{{number + 3}}},"link":{{{number & 3}}},"gateway":{{{number & 9}}},"network":1,"mtu":{{{number}}}},
            "neighbour":{"link":{{{number & 3}}},"eid":{{{number}}},"address":{{{address}}}}}
            """;
    }

    private static void SendWithDescriptors(UnixPackets? client, ref InputReader reader)
    {
        int count = reader.Byte() & 31;
        if (client is null) return;
        FileDescriptor[] unasked = [.. Enumerable.Repeat(client.Descriptor, count)];
        DescriptorPassing.Send(client.Descriptor, Frame(ref reader), unasked, out _);
    }

    // A client of good manners is answered.
    private void ServeOne(EventLoop loop)
    {
        using UnixPackets good = UnixPackets.Connect(Path, timeoutMs: 0);
        Span<byte> packet = stackalloc byte[LaneFormat.HelloSize];
        LaneFormat.WriteHello(packet, (byte)LaneKind.Datagram);
        good.TrySend(packet);
        Expect(good, loop, LaneFormat.HelloSize, "the hello is answered");
        LaneFormat.WriteHead(packet, LaneOperation.Query, 0, 77);
        good.TrySend(packet);
        Expect(good, loop, LaneFormat.ReplyOffset + 8, "the query is answered");
    }

    private void Expect(UnixPackets client, EventLoop loop, int length, string what)
    {
        ReceiveResult result = ReceiveResult.WouldBlock;
        int count = 0;
        for (int turn = 0; turn < 1000 && result == ReceiveResult.WouldBlock; turn++)
        {
            loop.Turn(1);
            result = client.TryReceive(_buffer, out count);
        }

        FuzzViolationException.Require(result == ReceiveResult.Received && count == length, what);
    }
}
