// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.BlackBox;

/// <summary>
/// Plays the kernel for one program over the test-harness protocol: sockets, rtnetlink, timers, endpoints on mock links. It runs in a thread of its own; tests look and change
/// things by <see cref="Do"/>.
/// </summary>
internal sealed class MockHarness : IDisposable
{
    private const int LongestPacket = 4096;

    private readonly EventLoop _loop = new();
    private readonly Thread _thread;
    private readonly List<(PacketEnd End, LoopWatch Watch)> _open = [];
    private readonly MockClock _clock;
    private Exception? _failure;

    public MockHarness()
    {
        Mctp = new MockMctp(System);
        _clock = new MockClock(_loop.Time);
        System.InterfaceChanged += (link, isThere) => Monitor?.AnnounceLink(link, isThere);
        System.AddressChanged += (link, eid, isThere) => Monitor?.AnnounceAddress(link, eid, isThere);
        (PacketEnd control, PacketEnd remote) = PacketEnd.CreatePair();
        Remote = remote;
        Serve(control, packet => TakeControl(control, packet));
        _thread = new Thread(Run) { Name = "mock kernel", IsBackground = true };
        _thread.Start();
    }

    public MockSystem System { get; } = new();

    public MockMctp Mctp { get; }

    /// <summary>The program's end of the control connection.</summary>
    public PacketEnd Remote { get; }

    /// <summary>The netlink socket that was opened last; it gets the announcements.</summary>
    public MockNetlink? Monitor { get; private set; }

    /// <summary>The usual system: one interface with an EID of ours, and an endpoint without one.</summary>
    public static MockHarness Usual()
    {
        var harness = new MockHarness();
        harness.Do(() =>
        {
            var link = new MockInterface { Name = "mctp0", Index = 1, HardwareAddress = [0x10], Mtu = 254, DevicePath = "/devices/platform/mock/mctp0" };
            harness.System.AddInterface(link);
            harness.System.AddAddress(link.Index, 8);
            harness.Mctp.Add(new MockEndpoint(link, [0x1d]));
        });
        return harness;
    }

    /// <summary>Does something in the harness's thread.</summary>
    public void Do(Action work) => _loop.Send(_ => work(), state: null);

    /// <summary>Looks at something in the harness's thread.</summary>
    public T Get<T>(Func<T> look)
    {
        T found = default!;
        Do(() => found = look());
        return found;
    }

    /// <summary>An endpoint of the harness asks the program.</summary>
    public Task<byte[]> AskAsync(MockEndpoint from, params byte[] body) => Get(() => from.AskAsync(body));

    /// <summary>Throws what went wrong in the harness's thread.</summary>
    public void Check()
    {
        if (_failure is not null) throw new InvalidOperationException("the mock kernel failed", _failure);
    }

    public void Dispose()
    {
        _loop.Stop();
        _thread.Join();
        foreach ((PacketEnd end, LoopWatch watch) in _open)
        {
            watch.Dispose();
            end.Dispose();
        }

        Remote.Dispose();
        _loop.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            try
            {
                _loop.Run();
                return;
            }
            catch (Exception failure)
            {
                _failure ??= failure;
            }
        }
    }

    private void Serve(PacketEnd end, Action<byte[]> take, Action? closed = null)
    {
        byte[] buffer = new byte[LongestPacket];
        LoopWatch? watch = null;
        watch = _loop.Watch(end.Descriptor, PollEvents.Readable, _ =>
        {
            Errno taken = end.TryReceive(buffer, out int length);
            if (taken == Errno.EAGAIN) return;
            if (taken == Errno.None)
            {
                _clock.Touch();
                take(buffer[..Math.Min(length, buffer.Length)]);
                return;
            }

            closed?.Invoke();
            _open.RemoveAll(open => open.End == end);
            watch!.Dispose();
            end.Dispose();
        });
        _open.Add((end, watch));
    }

    private void TakeControl(PacketEnd control, byte[] request)
    {
        switch (request[0])
        {
            case 0:
                control.Send("a"u8);
                break;
            case 1:
                ServeMctp(Give(control));
                break;
            case 2:
                PacketEnd netlink = Give(control);
                Monitor = new MockNetlink(System, message => SendFrom(netlink, [16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], message));
                MockNetlink end = Monitor;
                Serve(netlink, packet => TakeNetlink(end, packet));
                break;
            case 3:
                ServeTimer(Give(control));
                break;
            case 4:
                string name = Encoding.UTF8.GetString(request.AsSpan(1)).TrimEnd('\0');
                byte[] path = Encoding.UTF8.GetBytes(System.Interfaces.Find(link => link.Name == name)?.DevicePath ?? "");
                control.Send([(byte)path.Length, .. path]);
                break;
            default:
                throw new InvalidDataException($"the program asked for something unknown: {request[0]}");
        }
    }

    private static PacketEnd Give(PacketEnd control)
    {
        (PacketEnd mine, PacketEnd theirs) = PacketEnd.CreatePair();
        control.Send("x"u8, theirs.Descriptor);
        theirs.Dispose();
        return mine;
    }

    private static void TakeNetlink(MockNetlink end, byte[] packet)
    {
        if (HarnessPacket.Operation(packet) == HarnessPacket.Send) end.Take(packet.AsSpan(HarnessPacket.HeadSize));
    }

    private void ServeMctp(PacketEnd end)
    {
        var socket = new MockMctpSocket(Mctp, (address, body) => SendFrom(end, address, body));
        Serve(end, packet => socket.Take(packet), () => Mctp.Closed(socket));
    }

    private void ServeTimer(PacketEnd end) => Serve(
        end,
        packet =>
        {
            ulong microseconds = BitConverter.ToUInt64(packet);
            if (microseconds >= long.MaxValue) _clock.Clear(end);
            else _clock.Set(end, TimeSpan.FromMicroseconds(Math.Min(microseconds, 1e15)), () => end.Send(new byte[8]));
        },
        () => _clock.Clear(end));

    private void SendFrom(PacketEnd end, byte[] address, byte[] payload)
    {
        _clock.Touch();
        byte[] packet = new byte[HarnessPacket.HeadSize + payload.Length];
        HarnessPacket.WriteAddress(packet, HarnessPacket.Receive, address);
        payload.CopyTo(packet, HarnessPacket.HeadSize);
        end.Send(packet);
    }
}
