// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>Our ivshmem client against a server that says anything and passes any descriptors, then hangs up.</summary>
internal sealed class IvshmemClientTarget : IFuzzTarget
{
    private const int MostMessages = 200;

    private static readonly long[] s_values = [0, 1, -1, 2, 3, 65535, 65536, long.MinValue, long.MaxValue, 1L << 32];

    private readonly Lazy<Server> _server = new(() => new Server());

    public string Name => "ivshmem-client";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        // Version 0, id 3, the memory, a peer that comes, our own doorbell, the peer that goes.
        yield return ("good", [0x00, 0x04, 0x42, 0x21, 0x24, 0x01]);
        yield return ("no-memory", [0x00, 0x04, 0x02]);
        yield return ("wrong-version", [0x03, 0x04, 0x42]);
        yield return ("odd-descriptors", [0x00, 0x04, 0x42, 0x61, 0x24, 0x84, 0xA1, 0xC4]);
        yield return ("half", [0x00, 0x0F, 3, 0, 0, 0]);
        yield return ("any-value", [0x00, 0x0E, 3, 0, 0, 0, 0, 0, 0, 0, 0x42, 0x24]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        Server server = _server.Value;
        byte[] script = [.. input];
        Task talk = Task.Run(() => server.Talk(script));
        try
        {
            using IvshmemClient client = IvshmemClient.Connect(Server.Path, timeoutMs: 3000);
            for (int turn = 0; turn < 50 && !client.ServerGone; turn++)
            {
                client.ProcessMessages();
                UseDoorbells(client);
            }

            FuzzViolationException.Require(client.OwnId is >= 0 and <= 65_535, "our id is in range");
            FuzzViolationException.Require(client.Memory.Size > 0 && client.Memory.Size % Environment.SystemPageSize == 0, "the memory has whole pages");
            if (client.Memory.Size <= 1 << 20) client.Memory.Map().Dispose();
        }
        catch (Exception expected) when (expected is IvshmemProtocolException or LinuxException)
        {
            // A server that breaks the protocol, or passes what cannot be used, is refused with one of these.
        }
        finally
        {
            FuzzViolationException.Require(talk.Wait(TimeSpan.FromSeconds(4)), "the client takes or leaves what it is told");
        }

        DescriptorWatch.Check(this);
    }

    private static void UseDoorbells(IvshmemClient client)
    {
        foreach (int peer in client.Peers)
        {
            for (int vector = -1; vector < 3; vector++)
            {
                if (client.TryGetDoorbell(peer, vector, out EventFd? doorbell)) doorbell.Ring();
            }
        }

        foreach (EventFd own in client.OwnVectors) own.TryDrain(out _);
    }

    // One listener for all inputs; each connection is told its script.
    private sealed class Server
    {
        private readonly UnixListener _listener = UnixListener.Bind(Path);
        private readonly MappedMemory _memory = MappedMemory.CreateSealed("fuzz", 8192);
        private readonly MappedMemory _odd = MappedMemory.CreateSealed("odd", 1 << 20);
        private readonly EventFd _doorbell = EventFd.Create();

        public static string Path { get; } = ScratchFolder.File("c");

        public void Talk(byte[] script)
        {
            using UnixConnection connection = Accept();
            var reader = new InputReader(script);
            for (int messages = 0; !reader.IsEmpty && messages < MostMessages; messages++)
            {
                byte op = reader.Byte();
                int choice = op & 15;
                ReadOnlySpan<byte> bytes = choice switch
                {
                    15 => reader.Take(1 + (op >> 5)),
                    14 or 13 => BitConverter.GetBytes(reader.Int64()),
                    _ => BitConverter.GetBytes(choice == 4 ? 3 : s_values[choice % s_values.Length]),
                };

                // Without room the client has stopped reading; then it hears the rest of nothing.
                if (bytes.Length == 0 || connection.TrySend(bytes, Descriptors(op >> 5, connection)) != SendResult.Sent) return;
            }
        }

        private FileDescriptor[] Descriptors(int choice, UnixConnection connection) => choice switch
        {
            1 => [_doorbell.Descriptor],
            2 => [_memory.Descriptor],
            3 => [_doorbell.Descriptor, _memory.Descriptor],
            4 => [connection.Descriptor],
            5 => [_odd.Descriptor],
            6 => [_listener.Descriptor],
            _ => [],
        };

        private UnixConnection Accept()
        {
            using var poller = new Poller(1);
            poller.Add(_listener.Descriptor, PollEvents.Readable);
            for (int tries = 0; tries < 100; tries++)
            {
                if (_listener.TryAccept(out UnixConnection? connection) == AcceptResult.Accepted) return connection!;
                poller.Wait(100, new PollReady[1]);
            }

            throw new FuzzViolationException("not true: the client connects");
        }
    }
}
