// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>Our ivshmem server with clients that come, speak, and go as they like; afterwards a good one is served.</summary>
internal sealed class IvshmemServerTarget : IFuzzTarget
{
    private const int MostClients = 8;
    private const int MostSteps = 200;

    private readonly Lazy<IvshmemServer> _server = new(() =>
        new IvshmemServer(new IvshmemServerOptions { SocketPath = Path, Size = 8192, Vectors = 2, MaximumClients = MostClients - 2, StallLimitMs = 50 }));

    public string Name => "ivshmem-server";

    private static string Path { get; } = ScratchFolder.File("s");

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        yield return ("come-and-go", [0, 3, 8, 3, 16, 3, 1, 3, 9, 17, 3]);
        yield return ("speak", [0, 3, 2, 4, 1, 2, 3, 4, 3, 8, 10, 8, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
        yield return ("crowd", [0, 8, 16, 24, 32, 40, 48, 56, 3, 3, 1, 9, 17, 25, 33, 41, 3]);
        yield return ("descriptor", [0, 3, 4, 3]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        IvshmemServer server = _server.Value;
        var clients = new UnixConnection?[MostClients];
        var reader = new InputReader(input);
        for (int steps = 0; !reader.IsEmpty && steps < MostSteps; steps++)
        {
            byte op = reader.Byte();
            ref UnixConnection? client = ref clients[(op >> 3) % MostClients];
            switch (op & 7)
            {
                case 0:
                    client?.Dispose();
                    client = UnixConnection.Connect(Path, 0);
                    break;
                case 1:
                    client?.Dispose();
                    client = null;
                    break;
                case 2:
                    ReadOnlySpan<byte> words = reader.Take(1 + reader.Byte());
                    if (words.Length > 0) client?.TrySend(words, []);
                    break;
                case 4:
                    client?.TrySend(5, server.Memory.Descriptor);
                    break;
                case 5:
                    Listen(client);
                    break;
                default:
                    server.Poll(0);
                    break;
            }
        }

        foreach (UnixConnection? client in clients) client?.Dispose();
        for (int turn = 0; turn < 100 && (server.Poll(0) > 0 || server.ClientCount > 0); turn++)
        {
        }

        FuzzViolationException.Require(server.ClientCount == 0, "clients that hung up are gone");
        ServeOne(server);
    }

    private static void ServeOne(IvshmemServer server)
    {
        using UnixConnection good = UnixConnection.Connect(Path, 0);
        server.Poll(0);
        FuzzViolationException.Require(Hear(good) is (0, false), "the version comes first");
        FuzzViolationException.Require(Hear(good) is ( >= 0 and <= 65_535, false), "the id comes second");
        FuzzViolationException.Require(Hear(good) is (-1, true), "the memory comes third");
        FuzzViolationException.Require(Hear(good) is ( >= 0, true), "a doorbell comes fourth");
        good.Dispose();
        server.Poll(0);
    }

    private static (long Value, bool HasDescriptor) Hear(UnixConnection connection)
    {
        ReceiveResult result = connection.TryReceive(out long value, out FileDescriptor? descriptor);
        descriptor?.Dispose();
        return result == ReceiveResult.Received ? (value, descriptor is not null) : (long.MinValue, false);
    }

    private static void Listen(UnixConnection? client)
    {
        while (client is not null && client.TryReceive(out _, out FileDescriptor? descriptor) == ReceiveResult.Received) descriptor?.Dispose();
    }
}
