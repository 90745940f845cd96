// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Xunit;
using static Busbar.Pci.Tests.VfioUserRaw;

namespace Busbar.Pci.Tests;

/// <summary>Clients that break off, flood and lie; the next one is always served, and nothing is lost.</summary>
[Collection(nameof(DescriptorCounting))]
public sealed class VfioUserHostileTests : IDisposable
{
    private readonly VfioUserServed _served = new();

    [Fact]
    public void Conversation_BrokenOffAtEveryByte_LeavesTheServerReady()
    {
        using EventFd doorbell = EventFd.Create();
        byte[] talk =
        [
            .. Message(1, 1, Version()), .. Message(2, 4, Bytes(16, 0, 0, 0)), .. Message(3, 5, Bytes(80, 0, 2, 0, 0L, 0L)),
            .. Message(4, 10, RegionWrite(0, 4, 1, 2, 3, 4)), .. Message(5, 9, RegionRead(7, 0, 256)),
        ];
        byte[] end = Message(6, 8, IrqSet(0x24, 2, 0, 1));
        int before = Descriptors();
        for (int cut = 0; cut < talk.Length + end.Length; cut++)
        {
            using VfioUserRaw client = _served.Connect();
            client.Send(talk[..Math.Min(cut, talk.Length)]);
            if (cut > talk.Length) client.Send(end[..(cut - talk.Length)], doorbell.Descriptor);
            client.Dispose();
            VfioUserServed.Until(() => _served.Server.Statistics.Disconnected == cut + 1, $"the server notices the end behind byte {cut}");
        }

        using VfioUserRaw next = _served.Negotiated();
        Assert.Equal(VfioUserTestFunction.Identity, next.Read32(0, 0));
        Assert.Equal(0x04030201u, next.Read32(0, 4));
        next.Dispose();
        VfioUserServed.Until(() => !_served.Server.IsConnected, "the last one goes");
        VfioUserServed.Until(() => Descriptors() <= before, "all descriptors are closed");
    }

    [Fact]
    public void Message_InSingleBytes_IsUnderstood()
    {
        using VfioUserRaw client = _served.Negotiated();
        using EventFd doorbell = EventFd.Create();

        foreach (byte one in Message(5, 9, RegionRead(0, 0, 4))) client.Send([one]);
        Assert.Equal(20, client.Answer(5, 9).Payload.Length);

        // Descriptors with the first byte, as the protocol has it.
        byte[] set = Message(6, 8, IrqSet(0x24, 2, 0, 1));
        client.Send([set[0]], doorbell.Descriptor);
        foreach (byte one in set[1..]) client.Send([one]);
        Assert.Equal(0, client.Answer(6, 8).Error);
        Assert.True(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 0, true));
        Assert.True(doorbell.TryDrain(out _));
    }

    [Fact]
    public void Descriptors_BesideMessagesInOneGo_GoToTheirOwnMessage()
    {
        using VfioUserRaw client = _served.Negotiated();
        using EventFd first = EventFd.Create();
        using EventFd second = EventFd.Create();

        for (ushort round = 0; round < 50; round++)
        {
            client.Send(Message(1, 13, []));
            client.Send(Message(2, 8, IrqSet(0x24, 2, 0, 1)), first.Descriptor);
            client.Send(Message(3, 13, []));
            client.Send(Message(4, 8, IrqSet(0x24, 2, 1, 1)), second.Descriptor);
            client.Send(Message(5, 9, RegionRead(0, 0, 4)));
            Assert.Equal(0, client.Answer(1, 13).Error);
            Assert.Equal(0, client.Answer(2, 8).Error);
            Assert.Equal(0, client.Answer(3, 13).Error);
            Assert.Equal(0, client.Answer(4, 8).Error);
            Assert.Equal(0, client.Answer(5, 9).Error);
            Assert.True(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 1, true));
            Assert.True(second.TryDrain(out _));
            Assert.False(first.TryDrain(out _));
        }
    }

    [Fact]
    public void Descriptors_InFloods_AreAllClosed()
    {
        using VfioUserRaw client = _served.Negotiated();
        using EventFd doorbell = EventFd.Create();
        FileDescriptor[] flood = [.. Enumerable.Repeat(doorbell.Descriptor, 253)];
        int before = Descriptors();
        byte[] message = Message(1, 9, RegionRead(0, 0, 4));
        for (int i = 0; i < 50; i++)
        {
            // One flood with each byte of one message.
            foreach (byte one in message) client.Send([one], flood);
            Assert.Equal(22, client.Answer(1, 9).Error);
        }

        VfioUserServed.Until(() => Descriptors() <= before, "the descriptors are closed");
        Assert.Equal(VfioUserTestFunction.Identity, client.Read32(0, 0));
    }

    [Fact]
    public void SecondClient_WhileOneIsServed_IsSentAwayAtOnce()
    {
        using VfioUserRaw client = _served.Negotiated();
        using VfioUserRaw second = _served.Connect();

        Assert.True(second.HangsUp());

        Assert.Equal(1, _served.Server.Statistics.RefusedBusy);
        Assert.Equal(VfioUserTestFunction.Identity, client.Read32(0, 0));
    }

    [Fact]
    public void Client_ThatLeavesAndComesBackAtOnce_IsServed()
    {
        for (int i = 0; i < 200; i++)
        {
            using VfioUserRaw client = _served.Negotiated();
            client.Write32(0, VfioUserTestFunction.ScratchRegister, (uint)i);
        }

        Assert.Equal(0, _served.Server.Statistics.RefusedBusy);
    }

    [Fact]
    public void Writes_SentBeforeHangingUp_AreCarriedOut()
    {
        using (VfioUserRaw client = _served.Negotiated())
        {
            for (uint i = 1; i <= 100; i++) client.Send(Message(1, 10, RegionWrite(0, 4, BitConverter.GetBytes(i)), flags: 0x10));
        }

        VfioUserServed.Until(() => !_served.Server.IsConnected, "the server notices");
        using VfioUserRaw next = _served.Negotiated();
        Assert.Equal(100u, next.Read32(0, 4));
    }

    [Fact]
    public void Garbage_OfAnyKind_EndsInAnErrorOrAHangUp()
    {
        var random = new Random(7);
        byte[] garbage = new byte[4096];
        int before = Descriptors();
        for (int i = 0; i < 300; i++)
        {
            random.NextBytes(garbage);
            using VfioUserRaw client = (i & 1) == 0 ? _served.Connect() : _served.Negotiated();

            // Half of them with a likely header in front, so that the garbage reaches what is behind it.
            if ((i & 2) != 0) Message(1, (ushort)random.Next(0, 20), garbage[..random.Next(0, 100)]).CopyTo(garbage, 0);
            try
            {
                client.Send(garbage[..random.Next(1, garbage.Length)]);
                client.FinishSending();
                while (true) client.Receive(1);
            }
            catch (IOException)
            {
                // Hung up: on garbage nobody can tell where the next message begins, or there simply was no more.
            }
        }

        using VfioUserRaw next = _served.Negotiated();
        Assert.Equal(VfioUserTestFunction.Identity, next.Read32(0, 0));
        next.Dispose();
        VfioUserServed.Until(() => Descriptors() <= before + 1, "all descriptors are closed");
    }

    [Fact]
    public void Accesses_InSteadyState_AllocateNothing()
    {
        using var function = new VfioUserTestFunction();
        using var folder = new TemporaryFolder();
        using var server = new VfioUserServer(function, new VfioUserServerOptions { SocketPath = folder.File("v") });
        (UnixStream stream, byte[] read, byte[] write) = (UnixStream.Connect(folder.File("v"), 1000), Message(1, 9, RegionRead(0, 0, 4)), Message(2, 10, RegionWrite(0, 4, 1, 0, 0, 0)));
        using UnixStream closing = stream;
        var none = new List<FileDescriptor>();
        byte[] answer = new byte[256];
        Round(Message(1, 1, Version()));
        for (int i = 0; i < 200; i++) Round(read, write);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Round(read, write);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Round(byte[] first, byte[]? second = null)
        {
            Exchange(first);
            if (second is not null) Exchange(second);
        }

        void Exchange(byte[] message)
        {
            stream.TrySend(message, [], out _);
            while (server.Poll(0) > 0)
            {
            }

            while (stream.TryReceive(answer, none, out _) == ReceiveResult.Received)
            {
            }
        }
    }

    [Fact]
    public void Server_Disposed_UnplugsTheFunctionRemovesTheSocketAndTellsTheClient()
    {
        using var function = new VfioUserTestFunction();
        using var folder = new TemporaryFolder();
        var server = new VfioUserServer(function, new VfioUserServerOptions { SocketPath = folder.File("v"), SocketMode = (UnixFileMode)0x1B0 });
        Assert.Equal((UnixFileMode)0x1B0, File.GetUnixFileMode(folder.File("v")));
        Assert.Throws<LinuxException>(() => new VfioUserServer(function, new VfioUserServerOptions { SocketPath = folder.File("v") }));
        server.Start();
        using var client = new VfioUserRaw(folder.File("v"));
        client.Negotiate();

        server.Dispose();

        Assert.True(client.HangsUp());
        Assert.Null(function.Host);
        Assert.False(File.Exists(folder.File("v")));
    }

    public void Dispose() => _served.Dispose();

    // Assemblies are loaded whenever the runtime first needs them, and stay open.
    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true);
}
