// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Devices;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>A live MMBI device on its socket, with what a hostile guest can do to it and what a good one expects of it.</summary>
internal sealed class DeviceRig
{
    private const int Instances = 2;
    private const int WindowSize = 256 << 10;
    private const int MostTurns = 2000;
    private const int MostOthers = 3;
    private const int Page = 4096;
    private const int PciExpressControl = 0x50;

    private readonly MmbiDevice _device;
    private readonly VfioUserServer _server;
    private readonly GuestMemory _memory = new();
    private readonly EventFd _doorbell = EventFd.Create();
    private readonly MappedMemory _shrinking;
    private readonly List<FileDescriptor> _received = [];
    private readonly List<UnixStream> _others = [];
    private readonly DriverSide?[] _drivers = new DriverSide?[Instances];
    private readonly byte[] _buffer = new byte[1 << 16];
    private Task? _owners;
    private Action? _flaw;

    public DeviceRig(DeviceProfile profile)
    {
        Path = ScratchFolder.Fresh("d-");
        string file = ScratchFolder.Fresh("m-");
        _shrinking = MappedMemory.OpenOrCreate(file, GuestMemory.Length, out _);
        _shrinking.TryRemove(file);
        _device = new MmbiDevice(new MmbiDeviceOptions { Profile = profile, Instances = Instances, WindowSize = WindowSize });
        _device.ResetDone += _ => _flaw?.Invoke();
        _device.Start();
        _server = new VfioUserServer(_device.Function, new VfioUserServerOptions { SocketPath = Path, MessageDmaLimitMs = 1 });
        _server.ClientDisconnected += _ => _device.HostVanished();
    }

    public string Path { get; }

    /// <summary>So that an input does the same each time.</summary>
    public void StartOver(Action? flaw)
    {
        _flaw = flaw;
        _memory.StartOver();
        _doorbell.TryDrain(out _);
        Array.Clear(_drivers);
        _device.Function.Reset();
        for (int bar = 0; bar < 6; bar++) _device.Function.GetMemory(bar)?.Clear(0, WindowSize);
        for (int k = 0; k < Instances; k++) _device.RestartEndpoint(k);
    }

    /// <summary>One step; the low four bits say what to do, the others choose descriptors or places.</summary>
    public void Step(UnixStream guest, ref InputReader reader)
    {
        byte op = reader.Byte();
        int choice = op >> 4;
        switch (op & 15)
        {
            case 0:
                Send(guest, GuestMessages.RegionRead, AccessOf(choice, ref reader, out _));
                break;
            case 1:
                byte[] access = AccessOf(choice, ref reader, out int length);
                Send(guest, GuestMessages.RegionWrite, [.. access, .. reader.Take(length)], flags: (choice & 8) != 0 ? GuestMessages.NoReply : 0);
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
                Send(guest, command, reader.Take(reader.Byte()), Descriptors(choice, guest));
                break;
            case 4:
                ReadOnlySpan<byte> any = reader.Take(1 + reader.Byte());
                if (any.Length > 0) guest.TrySend(any, Descriptors(choice, guest), out _);
                Listen(guest);
                break;
            case 5:
                TakeTurn(reader.Byte() % Instances);
                break;
            case 6:
                _device.RequestReset(reader.Byte() % Instances);
                break;
            case 7:
                _device.RestartEndpoint(reader.Byte() % Instances);
                break;
            case 8:
                byte[] irqs = GuestMessages.Irqs(ref reader);
                Send(guest, GuestMessages.SetIrqs, irqs, choice == 0 ? [] : [.. Enumerable.Repeat(_doorbell.Descriptor, choice)]);
                break;
            case 9:
                Send(guest, GuestMessages.DmaMap, GuestMessages.Map(ref reader), Descriptors(choice, guest));
                break;
            case 10:
                Send(guest, GuestMessages.DmaUnmap, GuestMessages.Unmap(ref reader));
                break;
            case 11:
                bool isFunctionLevel = (reader.Byte() & 1) != 0;
                byte[] control = [.. GuestMessages.Access(PciExpressControl, GuestMessages.ConfigRegion, 2), 0, 0x80];
                if (isFunctionLevel) Send(guest, GuestMessages.RegionWrite, control);
                else Send(guest, GuestMessages.Reset, []);
                break;
            case 12:
                ChangeOthers(ref reader);
                break;
            case 13:
                Send(guest, GuestMessages.WriteMulti, GuestMessages.Multi(ref reader), flags: (choice & 8) != 0 ? GuestMessages.NoReply : 0);
                break;
            case 14:
                int driven = reader.Byte() % Instances;
                byte how = reader.Byte();
                Drive(driven, how & 0x7F);
                if ((how & 0x80) != 0) _drivers[driven] = null;
                break;
            default:
                StirOwners(reader.Byte());
                break;
        }
    }

    public void Send(UnixStream guest, byte command, ReadOnlySpan<byte> payload, FileDescriptor[]? descriptors = null, uint flags = 0)
    {
        guest.TrySend(GuestMessages.Of(command, payload, flags), descriptors ?? [], out _);
        Listen(guest);
    }

    /// <summary>The guest is gone: everything of it goes, and the next one has a device that works.</summary>
    /// <param name="withDriver">True to bring up each instance as a good driver does.</param>
    public void Conclude(bool withDriver)
    {
        _owners?.Wait();
        _owners = null;
        foreach (UnixStream other in _others) other.Dispose();
        _others.Clear();
        Settle();
        FuzzViolationException.Require(!_server.IsConnected && _server.DmaMaps == 0 && _server.MappedBytes == 0, "a guest that hung up is gone, and so is its memory");

        // This device reads and writes nothing of its guest's memory, whatever was lent.
        _memory.Check();
        ServeOne();
        Settle();
        _flaw = null;
        _device.Function.Reset();
        for (int k = 0; k < Instances; k++)
        {
            TakeTurn(k);
            if (!withDriver) continue;
            _drivers[k] = null;
            FuzzViolationException.Require(Drive(k, 20, MostTurns), $"instance {k} serves a good driver");
        }
    }

    private static byte[] AccessOf(int choice, ref InputReader reader, out int length)
    {
        byte region = reader.Byte();
        ushort place = reader.UInt16();
        byte size = reader.Byte();

        // The sizes of processors above all; every other one up to 63, and whole pages.
        length = size switch { < 0x80 => 1 << (size & 3), < 0xF8 => size & 63, _ => Page << (size & 3) };
        ulong offset = (choice & 7) switch
        {
            1 => WindowSize - 0x8000ul + place,
            2 => WindowSize - 16ul + (uint)(place & 31),
            3 => ((ulong)(uint)(place & 63) * Page) - 4 + (uint)((place >> 6) & 7),
            4 => 0x100ul + (uint)(place & 0x3FF),
            5 => long.MaxValue - (ulong)place,
            6 => ulong.MaxValue - place,
            _ => place,
        };
        return GuestMessages.Access(offset, region, (uint)length);
    }

    // Owner-side traffic beside the guest's: turns, requests for a reset and restarts, on a thread of its own.
    private void StirOwners(byte what)
    {
        if (_owners is { IsCompleted: false }) return;
        _owners?.Wait();
        _owners = Task.Run(() =>
        {
            for (int i = 0; i < (what & 15); i++)
            {
                int instance = i % Instances;
                if ((what & 0x40) != 0) _device.RestartEndpoint(instance);
                if ((what & 0x20) != 0) _device.RequestReset(instance);
                TakeTurn(instance);
            }
        });
    }

    private void ChangeOthers(ref InputReader reader)
    {
        byte what = reader.Byte();
        switch (what & 3)
        {
            case 0 when _others.Count < MostOthers:
                _others.Add(UnixStream.Connect(Path, 0));
                break;
            case 1 when _others.Count > 0:
                ReadOnlySpan<byte> bytes = reader.Take(1 + reader.Byte());
                if (bytes.Length > 0) _others[^1].TrySend(bytes, [], out _);
                break;
            case 2 when _others.Count > 0:
                _others[0].Dispose();
                _others.RemoveAt(0);
                break;
            default:
                using (UnixStream other = UnixStream.Connect(Path, 0)) other.TrySend(GuestMessages.Of(GuestMessages.Version, [0, 0, 0, 0]), [_doorbell.Descriptor], out _);
                break;
        }

        _server.Poll(0);
    }

    private bool Drive(int instance, int turns, int furtherTurns = 0)
    {
        bool hasOwn = _device.Profile.HasWindowPerInstance;
        SharedRegion? window = _device.Function.GetMemory(_device.Profile.WindowBarOf(instance));
        DriverSide driver = _drivers[instance] ??= new DriverSide(window!, _device.Dialect, hasOwn ? 0 : instance);
        for (int turn = 0; turn < turns + furtherTurns; turn++)
        {
            driver.Poll();
            TakeTurn(instance);
            if (turn >= turns && furtherTurns > 0)
            {
                // Time limits of the owner run by the clock.
                if (driver.Answers > 0) return true;
                if (!driver.IsUp) Thread.Sleep(1);
            }
        }

        return driver.Answers > 0;
    }

    private void ServeOne()
    {
        using UnixStream good = UnixStream.Connect(Path, 0);
        good.TrySend(GuestMessages.Of(GuestMessages.Version, [0, 0, 0, 0]), [], out _);
        for (int turn = 0; turn < 4; turn++) _server.Poll(0);
        FuzzViolationException.Require(good.TryReceive(_buffer, _received, out int count) == ReceiveResult.Received && count == 20, "a good guest is served");

        // The mailbox names itself; the others have an identity in configuration space.
        bool hasMailbox = _device.Mailbox is not null;
        byte[] read = GuestMessages.Of(GuestMessages.RegionRead, GuestMessages.Access(hasMailbox ? (ulong)MailboxFormat.Id : 0, hasMailbox ? 0u : GuestMessages.ConfigRegion, sizeof(uint)));
        good.TrySend(read, [], out _);
        for (int turn = 0; turn < 4; turn++) _server.Poll(0);
        bool answered = good.TryReceive(_buffer, _received, out count) == ReceiveResult.Received && count == read.Length + sizeof(uint);
        FuzzViolationException.Require(answered, "a good guest reads a register");
        uint id = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(read.Length));
        uint expected = hasMailbox ? MailboxFormat.IdValue : _device.Profile.VendorId | ((uint)_device.Profile.DeviceId << 16);
        FuzzViolationException.Require(id == expected, $"the device knows who it is, not {id:x8}");
    }

    // Returns by itself or not at all; the run's limit for an input notices.
    private void TakeTurn(int instance)
    {
        try
        {
            _device.GetEndpoint(instance)?.Node.WaitFor(static () => true, TimeSpan.Zero);
        }
        catch (ObjectDisposedException)
        {
            // It restarts at this moment, by another thread.
        }
    }

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
        6 => [_shrinking.Descriptor],
        _ => [],
    };
}
