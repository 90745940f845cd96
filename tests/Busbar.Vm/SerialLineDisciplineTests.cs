// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Xunit;

namespace Busbar.Vm;

/// <summary>
/// The other end of a serial link is the line discipline of Linux, on a guest's second serial port. Inside, <c>busbar link serial</c> holds the port, and <c>busbar echo</c>
/// answers over kernel sockets; outside, a node of this process asks.
/// </summary>
[Trait("speed", "slow")]
public sealed class SerialLineDisciplineTests
{
    private const string Interface = "mctpserial0";

    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(4);
    private static readonly Eid s_own = new(8);
    private static readonly Eid s_guest = new(9);

    // Frames that are spoilt, or bytes between them; after most of them some kernels hear nothing more. The frame is whole in each piece, because it is sent in one.
    private static readonly (string Name, byte[] Noise, Func<byte[], byte[]>? Change)[] s_disturbances =
    [
        ("one flag too many", [0x7E], null),
        ("two flags too many", [0x7E, 0x7E], null),
        ("a garbage byte", [0x55], null),
        ("a byte count above the largest", [0x7E, 0x01, 0xF0, 0x7E], null),
        ("the beginning of a frame", [0x7E, 0x01, 0x20, 0x01], null),
        ("a wrong check", [], frame => [.. frame[..^2], (byte)(frame[^2] ^ 0x10), frame[^1]]),
        ("a lost data byte", [], frame => [.. frame[..6], .. frame[7..]]),
        ("a byte too many", [], frame => [.. frame[..6], 0x33, .. frame[6..]]),
        ("a missing end flag", [], frame => frame[..^1]),
    ];

    [Fact]
    public void Kernel_OnASerialPort_EchoesAndRecoversFromEveryDisturbanceByTheBurst()
    {
        GuestImage image = Guests.RequireImage();
        string folder = Directory.CreateTempSubdirectory("busbar-serial-").FullName;
        try
        {
            using SerialAttachment attachment = Open($"serial:unix:{folder}/node,listen");
            using var relay = new SerialRelay($"{folder}/guest", $"{folder}/node");
            using var node = new MctpNode();
            node.AddLink(attachment);
            node.Use((stack, _) =>
            {
                stack.AddAddress(attachment.Link, s_own);
                stack.AddRoute(MctpRoute.Direct(s_guest, s_guest, attachment.Link));
            });
            using GuestMachine guest = Guests.Boot(new GuestOptions
            {
                Name = "serial",
                Image = image,
                QemuArguments = ["-chardev", $"socket,id=line,path={folder}/guest", "-serial", "chardev:line"],
            });
            GuestProcess holder = guest.StartProcess("exec busbar link serial /dev/ttyS1");
            guest.Run($"for i in $(seq 600); do [ -e /sys/class/net/{Interface} ] && exit 0; usleep 100000; done; exit 1", Guests.CommandLimit).Check();
            guest.Run($"ip link set {Interface} up && busbar address add 9 dev {Interface} --kernel && busbar route add 8 via {Interface} --kernel", Guests.CommandLimit).Check();
            GuestProcess echo = guest.StartProcess("exec busbar echo --kernel -q");
            Assert.True(node.WaitUntilUp(attachment, Guests.CommandLimit), $"the line did not come up: {attachment.WhyDown}");
            AwaitEcho(node, echo);

            // Until the line discipline has the port, whatever else the guest does with it is noise here.
            long faults = node.Read((_, _) => attachment.SerialLink.Line.Faults);

            // Flags and escapes in the data, and messages of several frames.
            foreach (byte[] body in new byte[][] { [0x7E, 0x7D, 0x7E, 0x7D, 0x5E], [.. Enumerable.Repeat((byte)0x7E, 60)], Random(64), Random(1_025), Random(4_000) })
                Assert.Equal(body, Ask(node, body, TimeSpan.FromSeconds(30)));

            var deaf = new List<string>();
            foreach ((string name, byte[] noise, Func<byte[], byte[]>? change) in s_disturbances)
            {
                if (noise.Length != 0) relay.Inject(noise);
                if (change is not null) relay.ChangeNext(change);

                // The first may be lost with every receiver; whoever does not hear the second will not hear the third.
                Ask(node, Random(20), TimeSpan.FromSeconds(1));
                if (Ask(node, Random(21), s_answerLimit) is null) deaf.Add(name);
                node.Use((_, _) => attachment.SerialLink.Resynchronise());
                byte[] body = Random(40);
                Assert.True(body.AsSpan().SequenceEqual(Ask(node, body, Guests.CommandLimit)), $"the kernel does not answer behind '{name}', in spite of the burst");
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"without the burst this kernel was deaf behind: {(deaf.Count == 0 ? "nothing" : string.Join(", ", deaf))}");
            Assert.Equal(faults, attachment.SerialLink.Line.Faults);
            holder.Kill();
            echo.Kill();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SerialAttachment Open(string text)
    {
        Assert.True(LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error), error);
        return (SerialAttachment)LinkOpener.Open(spec, MmbiRole.Owner);
    }

    // The program in the guest takes its time to start under emulation.
    private static void AwaitEcho(MctpNode node, GuestProcess echo)
    {
        for (int i = 0; i < 60 && !echo.HasExited; i++)
        {
            if (Ask(node, Random(5), TimeSpan.FromSeconds(1)) is not null) return;
        }

        Assert.Fail($"nobody echoes in the guest: {echo.OutputSoFar()}");
    }

    // Null when no answer comes in time.
    private static byte[]? Ask(MctpNode node, byte[] body, TimeSpan limit)
    {
        using MctpSocket socket = node.OpenSocket();
        byte[] request = [0xCC, 0xDE, 0xF0, .. body];
        byte[] buffer = new byte[request.Length + 1];
        try
        {
            socket.SendTo(request, new MctpEndPoint(s_guest, MessageType.VendorPci, MctpTag.Owner));
            int length = socket.ReceiveFrom(buffer, limit).Length;
            return buffer[3..length];
        }
        catch (MctpException)
        {
            return null;
        }
    }

    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
