// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Devices;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// A hostile guest on a live MMBI device behind its socket: accesses of every size everywhere, senseless messages, and writes straight into the windows while the
/// endpoint nodes serve them. Afterwards a good client is served, each node takes its turn, and nothing is lost.
/// </summary>
internal sealed class DeviceTarget : IFuzzTarget
{
    private const int Instances = 2;
    private const int WindowSize = 256 << 10;
    private const int MostSteps = 200;
    private const int HeaderLength = 16;
    private const byte ReadCommand = 9;
    private const byte WriteCommand = 10;
    private const byte ConfigRegion = 7;

    private readonly Dictionary<string, Rig> _rigs = [];

    public string Name => "device";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        for (byte profile = 0; profile < DeviceProfile.All.Count; profile++)
        {
            string name = DeviceProfile.All[profile].Name;
            yield return ($"{name}-access", [profile, 0, 0, 0x10, 0x02, 0, 2, 3, 1, 7, 4, 0, 0, 1, 6, 0, 3, 0, 2, 0, 0, 0, 3, 3]);
            yield return ($"{name}-window", [profile, 2, 0, 0, 0x40, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 5, 0, 3, 2, 1, 0x44, 0, 2, 2, 3, 3, 5, 1]);
            yield return ($"{name}-messages", [profile, 3, 2, 32, 32, 0, 0, 0, 3, 0, 0, 0, .. new byte[24], 3, 13, 0, 6, 0, 5, 0, 7, 1]);
            yield return ($"{name}-up", [profile, 2, 0, 0, 0, 2, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 5, 0, 5, 1, 8, 0, 0]);
        }
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        DeviceProfile profile = DeviceProfile.All[reader.Byte() % DeviceProfile.All.Count];
        if (!_rigs.TryGetValue(profile.Name, out Rig? rig)) _rigs.Add(profile.Name, rig = new Rig(profile));
        rig.StartOver();
        using (UnixStream guest = UnixStream.Connect(rig.Path, 0))
        {
            rig.Send(guest, 1, [0, 0, 0, 0]);
            for (int step = 0; !reader.IsEmpty && step < MostSteps; step++) rig.Step(guest, ref reader);
        }

        rig.ServeOne();
        if (_rigs.Count == DeviceProfile.All.Count) DescriptorWatch.Check(this);
    }

    private sealed class Rig
    {
        private const int MostTurns = 2000;

        private readonly MmbiDevice _device;
        private readonly VfioUserServer _server;
        private readonly MappedMemory _memory = MappedMemory.CreateSealed("fuzz", 1 << 16);
        private readonly EventFd _doorbell = EventFd.Create();
        private readonly List<FileDescriptor> _received = [];
        private readonly byte[] _buffer = new byte[1 << 16];

        public Rig(DeviceProfile profile)
        {
            Path = ScratchFolder.File("d-" + profile.Name);
            _device = new MmbiDevice(new MmbiDeviceOptions { Profile = profile, Instances = Instances, WindowSize = WindowSize });
            _device.Start();
            _server = new VfioUserServer(_device.Function, new VfioUserServerOptions { SocketPath = Path, MessageDmaLimitMs = 1 });
            _server.ClientDisconnected += _ => _device.HostVanished();
        }

        public string Path { get; }

        // So that an input does the same each time.
        public void StartOver()
        {
            _device.Function.Reset();
            for (int bar = 0; bar < 6; bar++) _device.Function.GetMemory(bar)?.Clear(0, WindowSize);
            for (int k = 0; k < Instances; k++) _device.RestartEndpoint(k);
        }

        // The low three bits say what to do; the others choose descriptors.
        public void Step(UnixStream guest, ref InputReader reader)
        {
            byte op = reader.Byte();
            Span<byte> request = stackalloc byte[HeaderLength + 64];
            switch (op & 7)
            {
                case 0:
                case 1:
                    // An access: region, offset, and how many bytes.
                    BinaryPrimitives.WriteUInt32LittleEndian(request[8..], reader.Byte());
                    BinaryPrimitives.WriteInt64LittleEndian(request, reader.UInt16() | ((op & 8) != 0 ? WindowSize - 0x8000 : 0));
                    int length = reader.Byte() & 63;
                    BinaryPrimitives.WriteInt32LittleEndian(request[12..], length);
                    bool isWrite = (op & 1) != 0;
                    ReadOnlySpan<byte> data = isWrite ? reader.Take(length) : [];
                    data.CopyTo(request[HeaderLength..]);
                    Send(guest, isWrite ? WriteCommand : ReadCommand, request[..(HeaderLength + data.Length)]);
                    break;
                case 2:
                    // As a guest's processor, beside the server.
                    SharedRegion? window = _device.Function.GetMemory(reader.Byte() % 6);
                    int place = (int)(reader.UInt32() & (WindowSize - 1));
                    ReadOnlySpan<byte> bytes = reader.Take(reader.Byte() & 63);
                    window?.CopyFrom(Math.Min(place, WindowSize - bytes.Length), bytes);
                    break;
                case 3:
                    byte command = reader.Byte();
                    Send(guest, command, reader.Take(reader.Byte()), Descriptors(op >> 4, guest));
                    break;
                case 4:
                    ReadOnlySpan<byte> any = reader.Take(1 + reader.Byte());
                    if (any.Length > 0) guest.TrySend(any, Descriptors(op >> 4, guest), out _);
                    Listen(guest);
                    break;
                case 5:
                    TakeTurn(reader.Byte() % Instances);
                    break;
                case 6:
                    _device.RequestReset(reader.Byte() % Instances);
                    break;
                default:
                    _device.RestartEndpoint(reader.Byte() % Instances);
                    break;
            }
        }

        public void Send(UnixStream guest, byte command, ReadOnlySpan<byte> payload, FileDescriptor[]? descriptors = null)
        {
            byte[] message = new byte[HeaderLength + payload.Length];
            BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), command);
            BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), message.Length);
            payload.CopyTo(message.AsSpan(HeaderLength));
            guest.TrySend(message, descriptors ?? [], out _);
            Listen(guest);
        }

        public void ServeOne()
        {
            Settle();
            FuzzViolationException.Require(!_server.IsConnected && _server.DmaMaps == 0 && _server.MappedBytes == 0, "a guest that hung up is gone, and so is its memory");
            using (UnixStream good = UnixStream.Connect(Path, 0))
            {
                byte[] version = new byte[20];
                version[2] = 1;
                version[4] = 20;
                good.TrySend(version, [], out _);
                for (int turn = 0; turn < 4; turn++) _server.Poll(0);
                FuzzViolationException.Require(good.TryReceive(_buffer, _received, out int count) == ReceiveResult.Received && count == 20, "a good guest is served");

                // The mailbox names itself; the others have an identity in configuration space.
                bool hasMailbox = _device.Mailbox is not null;
                byte[] read = new byte[HeaderLength * 2];
                read[2] = ReadCommand;
                read[4] = (byte)read.Length;
                read[16] = (byte)(hasMailbox ? MailboxFormat.Id : 0);
                read[24] = hasMailbox ? (byte)0 : ConfigRegion;
                read[28] = sizeof(uint);
                good.TrySend(read, [], out _);
                for (int turn = 0; turn < 4; turn++) _server.Poll(0);
                bool answered = good.TryReceive(_buffer, _received, out count) == ReceiveResult.Received && count == read.Length + sizeof(uint);
                FuzzViolationException.Require(answered, "a good guest reads a register");
                uint id = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(read.Length));
                uint expected = hasMailbox ? MailboxFormat.IdValue : _device.Profile.VendorId | ((uint)_device.Profile.DeviceId << 16);
                FuzzViolationException.Require(id == expected, $"the device knows who it is, not {id:x8}");
            }

            Settle();
            for (int k = 0; k < Instances; k++) TakeTurn(k);
        }

        // Returns by itself or not at all; the run's limit for an input notices.
        private void TakeTurn(int instance) => _device.GetEndpoint(instance)!.Node.WaitFor(static () => true, TimeSpan.Zero);

        private void Settle()
        {
            for (int turn = 0; turn < MostTurns && (_server.Poll(0) > 0 || _server.IsConnected); turn++)
            {
            }
        }

        private void Listen(UnixStream guest)
        {
            for (int turn = 0; turn < 64; turn++)
            {
                bool worked = _server.Poll(0) > 0;
                if (guest.TryReceive(_buffer, _received, out _) != ReceiveResult.Received && !worked) break;
            }

            _received.ForEach(static descriptor => descriptor.Dispose());
            _received.Clear();
        }

        private FileDescriptor[] Descriptors(int choice, UnixStream guest) => choice switch
        {
            1 => [_doorbell.Descriptor],
            2 => [_memory.Descriptor],
            3 => [_doorbell.Descriptor, _memory.Descriptor],
            4 => [guest.Descriptor],
            5 => [.. Enumerable.Repeat(_doorbell.Descriptor, 17)],
            _ => [],
        };
    }
}
