// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// Our vfio-user server with a client that says anything, with any descriptors, and hangs up whenever it likes; afterwards a good one is served and nothing
/// is lost.
/// </summary>
internal sealed class VfioUserServerTarget : IFuzzTarget
{
    private const int MostSteps = 200;

    private readonly Lazy<Rig> _rig = new(() => new Rig());

    public string Name => "vfio-user-server";

    private static string Path { get; } = ScratchFolder.File("u");

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] version = [0, 1, 4, 0, 0, 0, 0, 3];
        yield return ("ask", [.. version, 0, 4, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
        yield return ("region-info", [.. version, 0, 5, 32, 80, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, .. new byte[20], 3]);
        yield return ("read", [.. version, 0, 9, 16, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 3]);
        yield return ("write", [.. version, 0, 10, 20, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4, 3]);
        yield return ("config", [.. version, 0, 10, 20, 4, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 255, 255, 255, 255, 3]);
        yield return ("irq", [.. version, 0x10, 8, 20, 20, 0, 0, 0, 0x24, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 6]);
        yield return ("irq-bool", [.. version, 0, 8, 21, 21, 0, 0, 0, 0x22, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 3, 6]);
        yield return ("map", [.. version, 0x20, 2, 32, 32, 0, 0, 0, 3, 0, 0, 0, .. new byte[8], 0, 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 3, 6]);
        yield return ("unmap", [.. version, 0, 3, 24, 24, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 3]);
        yield return ("multi", [.. version, 0, 15, 32, 1, .. new byte[7], 4, .. new byte[7], 0, 0, 0, 0, 4, 0, 0, 0, 9, .. new byte[7], 3]);
        yield return ("bytes", [1, 16, 0, 1, 1, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 1, 2, 3, 2]);
        yield return ("dma", [.. version, 7, 3, 4, 3]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        Rig rig = _rig.Value;
        using (UnixStream client = UnixStream.Connect(Path, 0))
        {
            var reader = new InputReader(input);
            for (int step = 0; !reader.IsEmpty && step < MostSteps; step++) rig.Step(client, ref reader);
        }

        rig.Settle();
        FuzzViolationException.Require(!rig.Server.IsConnected, "a client that hung up is gone");
        FuzzViolationException.Require(rig.Server.DmaMaps == 0 && rig.Server.MappedBytes == 0, "its memory is gone");
        rig.ServeOne();
        DescriptorWatch.Check(this);
    }

    private sealed class Rig
    {
        private readonly FuzzedFunction _function = new();
        private readonly MappedMemory _memory = MappedMemory.CreateSealed("fuzz", 1 << 16);
        private readonly EventFd _doorbell = EventFd.Create();
        private readonly List<FileDescriptor> _received = [];
        private readonly byte[] _buffer = new byte[1 << 16];

        public Rig() => Server = new VfioUserServer(
            _function, new VfioUserServerOptions { SocketPath = Path, MaximumDmaMaps = 64, MaximumMemoryObjects = 4, MessageDmaLimitMs = 1 });

        public VfioUserServer Server { get; }

        // The low four bits say what to do; the others choose descriptors.
        public void Step(UnixStream client, ref InputReader reader)
        {
            byte op = reader.Byte();
            switch (op & 15)
            {
                case 0:
                    // A message with a fitting header: command, length of the payload, payload.
                    byte command = reader.Byte();
                    ReadOnlySpan<byte> payload = reader.Take(reader.Byte());
                    byte[] message = new byte[16 + payload.Length];
                    BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), command);
                    BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), message.Length);
                    payload.CopyTo(message.AsSpan(16));
                    client.TrySend(message, Descriptors(op >> 4, client), out _);
                    Server.Poll(0);
                    break;
                case 1:
                    ReadOnlySpan<byte> any = reader.Take(1 + reader.Byte());
                    if (any.Length > 0) client.TrySend(any, Descriptors(op >> 4, client), out _);
                    break;
                case 2:
                    Server.Poll(0);
                    break;
                case 3:
                    Listen(client);
                    break;
                case 5:
                    client.FinishSending();
                    break;
                case 6:
                    _function.UseEverything();
                    break;
                case 7:
                    Server.TryQueueDmaRead(reader.UInt32(), 1 + reader.Byte(), static (_, _) => { });
                    Server.Poll(0);
                    break;
                default:
                    Server.TryQueueDmaWrite((ulong)reader.Int64(), [1, 2, 3], static (_, _) => { });
                    break;
            }
        }

        public void Settle()
        {
            for (int turn = 0; turn < 2000 && (Server.Poll(0) > 0 || Server.IsConnected); turn++)
            {
            }
        }

        public void ServeOne()
        {
            using UnixStream good = UnixStream.Connect(Path, 0);
            byte[] version = new byte[20];
            version[2] = 1;
            version[4] = 20;
            good.TrySend(version, [], out _);
            for (int turn = 0; turn < 4; turn++) Server.Poll(0);
            FuzzViolationException.Require(
                good.TryReceive(_buffer, _received, out int count) == ReceiveResult.Received && count == 20 && _buffer[8] == 1, "a good client is served");
            good.Dispose();
            Settle();
        }

        private void Listen(UnixStream client)
        {
            for (int turn = 0; turn < 64; turn++)
            {
                bool worked = Server.Poll(0) > 0;
                if (client.TryReceive(_buffer, _received, out _) != ReceiveResult.Received && !worked) break;
            }

            _received.ForEach(static descriptor => descriptor.Dispose());
            _received.Clear();
        }

        private FileDescriptor[] Descriptors(int choice, UnixStream client) => choice switch
        {
            1 => [_doorbell.Descriptor],
            2 => [_memory.Descriptor],
            3 => [_doorbell.Descriptor, _memory.Descriptor],
            4 => [client.Descriptor],
            5 => [.. Enumerable.Repeat(_doorbell.Descriptor, 17)],
            6 => [_doorbell.Descriptor, _doorbell.Descriptor, _doorbell.Descriptor],
            _ => [],
        };
    }
}
