// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Pci;
using Microsoft.Win32.SafeHandles;

namespace Busbar.Fuzz;

/// <summary>A vfio-user server in front of a function that uses all it can get, and what a hostile client can do to it.</summary>
internal sealed class VfioUserServerRig
{
    private const int MostTurns = 2000;
    private const int StrayPlace = GuestMemory.Length - 1;

    private readonly FuzzedFunction _function = new();
    private readonly VfioUserServer _server;
    private readonly GuestDescriptors _along = new();
    private readonly SharedRegion? _stray;
    private readonly EventFd _blocking = EventFd.Create();
    private readonly List<FileDescriptor> _received = [];
    private readonly OtherGuests _others;
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly byte[] _asked = new byte[32];

    public VfioUserServerRig(bool strays)
    {
        Path = ScratchFolder.Fresh("u-");
        _others = new OtherGuests(Path, _along.Doorbell.Descriptor);
        if (strays) _stray = MappedMemory.Adopt(_along.Memory.Descriptor.Duplicate()).Map();
        _server = new VfioUserServer(
            _function, new VfioUserServerOptions { SocketPath = Path, MaximumDmaMaps = 64, MaximumMemoryObjects = 4, MessageDmaLimitMs = 1 });
    }

    public string Path { get; }

    public void StartOver()
    {
        _along.StartOver();
        Array.Clear(_asked);
    }

    /// <summary>One step; the low four bits say what to do, the others choose descriptors.</summary>
    public void Step(UnixStream client, ref InputReader reader)
    {
        byte op = reader.Byte();
        int choice = op >> 4;
        switch (op & 15)
        {
            case 0:
                // A message with a fitting header: command, length of the payload, payload.
                byte command = reader.Byte();
                Send(client, GuestMessages.Of(command, reader.Take(reader.Byte())), _along.Choose(choice, client));
                break;
            case 1:
                ReadOnlySpan<byte> any = reader.Take(1 + reader.Byte());
                if (choice is 2 or 3) _along.Memory.LendAll();
                if (any.Length > 0) client.TrySend(any, _along.Choose(choice, client), out _);
                break;
            case 2:
                _server.Poll(0);
                break;
            case 3:
                Listen(client);
                break;
            case 4:
                _server.TryQueueDmaWrite((ulong)reader.Int64(), [1, 2, 3], static (_, _) => { });
                break;
            case 5:
                client.FinishSending();
                break;
            case 6:
                UseEverything();
                break;
            case 7:
                _server.TryQueueDmaRead(reader.UInt32(), 1 + reader.Byte(), static (_, _) => { });
                _server.Poll(0);
                Listen(client);
                break;
            case 8:
                EventFd doorbell = choice == 7 ? Blocking() : _along.Doorbell;
                int count = choice == 7 ? 2 : choice;
                Send(client, GuestMessages.Of(GuestMessages.SetIrqs, GuestMessages.Irqs(ref reader)), [.. Enumerable.Repeat(doorbell.Descriptor, count)]);
                if (choice == 7) MakeBlocking();
                break;
            case 9:
                Send(client, GuestMessages.Of(GuestMessages.DmaMap, GuestMessages.Map(ref reader)), _along.Choose(choice, client));
                break;
            case 10:
                Unmap(client, GuestMessages.Unmap(ref reader));
                break;
            case 11:
                Send(client, GuestMessages.Of(GuestMessages.Reset, []), []);
                break;
            case 12:
                _others.Change(ref reader);
                _server.Poll(0);
                break;
            case 13:
                Send(client, GuestMessages.Of(GuestMessages.WriteMulti, GuestMessages.Multi(ref reader)), []);
                break;
            case 14:
                Reply(client, ref reader);
                break;
            default:
                Send(client, GuestMessages.Of(GuestMessages.Version, [0, 0, 0, 0]), []);
                Listen(client);
                break;
        }
    }

    /// <summary>The client is gone, and so is everything of it; the next one is served.</summary>
    public void Conclude()
    {
        _others.Leave();
        Settle();
        FuzzViolationException.Require(!_server.IsConnected, "a client that hung up is gone");
        FuzzViolationException.Require(_server.DmaMaps == 0 && _server.MappedBytes == 0, "its memory is gone");
        UseEverything();
        _along.Memory.Check();
        ServeOne();
    }

    private void Settle()
    {
        for (int turn = 0; turn < MostTurns && (_server.Poll(0) > 0 || _server.IsConnected); turn++)
        {
        }
    }

    private void ServeOne()
    {
        using UnixStream good = UnixStream.Connect(Path, 0);
        good.TrySend(GuestMessages.Of(GuestMessages.Version, [0, 0, 0, 0]), [], out _);
        for (int turn = 0; turn < 4; turn++) _server.Poll(0);
        FuzzViolationException.Require(
            good.TryReceive(_buffer, _received, out int count) == ReceiveResult.Received && count == 20 && _buffer[8] == 1, "a good client is served");
        good.Dispose();
        Settle();
    }

    private void UseEverything()
    {
        _function.UseEverything();
        _stray?.Write8(StrayPlace, 1);
    }

    private void Send(UnixStream client, byte[] message, FileDescriptor[] descriptors)
    {
        // Noted first: a map that was sent may be in force whatever comes back.
        if (descriptors.Any(descriptor => ReferenceEquals(descriptor, _along.Memory.Descriptor))) _along.Memory.Note(message);
        client.TrySend(message, descriptors, out _);
        _server.Poll(0);
    }

    // Once the server has said that all is given back, it stays away from all.
    private void Unmap(UnixStream client, byte[] payload)
    {
        Listen(client);
        byte[] message = GuestMessages.Of(GuestMessages.DmaUnmap, payload);
        Send(client, message, []);
        bool answered = client.TryReceive(_buffer, _received, out int count) == ReceiveResult.Received && count == message.Length;
        bool isAll = BinaryPrimitives.ReadUInt32LittleEndian(payload.AsSpan(4)) == 2;
        bool isReply = answered && BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(8)) == 1 && _buffer[2] == GuestMessages.DmaUnmap;
        if (!isAll || !isReply) return;
        FuzzViolationException.Require(_server.DmaMaps == 0 && _server.MappedBytes == 0, "memory that was taken back is gone");
        _along.Memory.Check();
        _along.Memory.TakeBack();
    }

    // To what the server asked last, right or wrong.
    private void Reply(UnixStream client, ref InputReader reader)
    {
        byte how = reader.Byte();
        int length = reader.Byte();
        byte[] payload = new byte[16 + length];
        _asked.AsSpan(16).CopyTo(payload);
        if ((how & 1) != 0) payload[reader.Byte() & 15] ^= 1;
        byte[] message = GuestMessages.Of((byte)(_asked[2] + ((how >> 1) & 1)), payload, flags: 1u | ((how & 4) != 0 ? 0x20u : 0));
        _asked.AsSpan(0, 2).CopyTo(message);
        if ((how & 8) != 0) message[0] ^= 1;
        Send(client, message, (how & 16) != 0 ? _along.Doorbells(1) : []);
    }

    // Full, so that whoever writes plainly waits, once the client has made it so.
    private EventFd Blocking()
    {
        _blocking.TryDrain(out _);
        using var handle = new SafeFileHandle(_blocking.Descriptor.Number, ownsHandle: false);
        RandomAccess.Write(handle, BitConverter.GetBytes(ulong.MaxValue - 1), 0);
        return _blocking;
    }

    private void MakeBlocking()
    {
        int flags = NativeFile.Control(_blocking.Descriptor, NativeFile.F_GETFL, 0);
        NativeFile.Control(_blocking.Descriptor, NativeFile.F_SETFL, flags & ~NativeFile.O_NONBLOCK);
    }

    private void Listen(UnixStream client)
    {
        for (int turn = 0; turn < 64; turn++)
        {
            bool worked = _server.Poll(0) > 0;
            ReceiveResult result = client.TryReceive(_buffer, _received, out int count);
            if (result != ReceiveResult.Received && !worked) break;

            // The newest question is behind the answers.
            if (count >= _asked.Length && _buffer[count - _asked.Length + 2] is 11 or 12) _buffer.AsSpan(count - _asked.Length, _asked.Length).CopyTo(_asked);
        }

        _received.ForEach(static descriptor => descriptor.Dispose());
        _received.Clear();
    }
}
