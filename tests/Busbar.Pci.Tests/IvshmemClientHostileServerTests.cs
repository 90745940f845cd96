// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using FsCheck;
using FsCheck.Fluent;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Clients on servers that break the protocol.</summary>
public sealed class IvshmemClientHostileServerTests
{
    [Theory]
    [InlineData("1 end", IvshmemFault.WrongVersion)]
    [InlineData("-1 end", IvshmemFault.WrongVersion)]
    [InlineData("0+ end", IvshmemFault.UnexpectedDescriptor)]
    [InlineData("0m 3 end", IvshmemFault.UnexpectedDescriptor)]
    [InlineData("0 3+ end", IvshmemFault.UnexpectedDescriptor)]
    [InlineData("0 -1 end", IvshmemFault.BadPeerId)]
    [InlineData("0 65536 end", IvshmemFault.BadPeerId)]
    [InlineData("0 9223372036854775807 end", IvshmemFault.BadPeerId)]
    [InlineData("0 3 -1 end", IvshmemFault.MissingMemory)]
    [InlineData("0 3 3+ end", IvshmemFault.MissingMemory)]
    [InlineData("0 3 1+ -1m end", IvshmemFault.MissingMemory)]
    [InlineData("0 3 -2m end", IvshmemFault.MissingMemory)]
    [InlineData("0 3 -1+ end", IvshmemFault.UnusableMemory)]
    [InlineData("0 3 -1e end", IvshmemFault.UnusableMemory)]
    [InlineData("0 3 -1m -1m end", IvshmemFault.SecondMemory)]
    [InlineData("0 3 -1m -1 end", IvshmemFault.SecondMemory)]
    [InlineData("0 3 -1m 65536+ end", IvshmemFault.BadPeerId)]
    [InlineData("0 3 -1m -7 end", IvshmemFault.BadPeerId)]
    [InlineData("0 3 -1m 1m end", IvshmemFault.NotADoorbell)]
    [InlineData("0 3 -1m 3 end", IvshmemFault.OwnDeparture)]
    [InlineData("0 3 -1m 1*65 end", IvshmemFault.TooManyDoorbells)]
    [InlineData("0 3 -1m 1++ end", IvshmemFault.BadDescriptors)]
    [InlineData("0++ end", IvshmemFault.BadDescriptors)]
    [InlineData("0 3 -1m half end", IvshmemFault.Truncated)]
    [InlineData("half end", IvshmemFault.Truncated)]
    [InlineData("end", IvshmemFault.ServerClosed)]
    [InlineData("0 end", IvshmemFault.ServerClosed)]
    [InlineData("0 3 end", IvshmemFault.ServerClosed)]
    [InlineData("0 3 -1m end", IvshmemFault.ServerClosed)]
    public void Connect_WhenTheServerBreaksTheProtocol_SaysHow(string script, IvshmemFault fault)
    {
        using var server = new FakeServer();

        IvshmemProtocolException refusal = Assert.Throws<IvshmemProtocolException>(() => server.Connect(script));

        Assert.Equal(fault, refusal.Fault);
    }

    [Fact]
    public void Memory_ThatCanBeTruncated_IsTakenFromTheTrustedOnly()
    {
        using var folder = new TemporaryFolder();
        using MappedMemory file = MappedMemory.OpenOrCreate(folder.File("m"), 1 << 16, out _);
        using var server = new FakeServer { OtherMemory = file };

        IvshmemProtocolException refusal = Assert.Throws<IvshmemProtocolException>(() => server.Connect("0 3 -1x 3+"));
        using IvshmemClient client = server.Connect("0 3 -1x 3+", trustsMemory: true);

        Assert.Equal(IvshmemFault.UnsafeMemory, refusal.Fault);
        Assert.Contains("truncated", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1 << 16, client.Memory.Size);
    }

    [Fact]
    public void Memory_OfHugePages_IsTakenFromTheTrustedOnly()
    {
        using var pages = new ReservedHugePages(1);
        using MappedMemory memory = MappedMemory.CreateSealed("huge", 2 << 20, MemoryHints.HugePages);
        if (!memory.IsHuge) Assert.Skip("no huge pages are reserved here, and only root may reserve some");
        using var server = new FakeServer { OtherMemory = memory };

        IvshmemProtocolException refusal = Assert.Throws<IvshmemProtocolException>(() => server.Connect("0 3 -1x 3+"));
        using IvshmemClient client = server.Connect("0 3 -1x 3+", trustsMemory: true);

        Assert.Equal(IvshmemFault.UnsafeMemory, refusal.Fault);
        Assert.Contains("huge pages", refusal.Message, StringComparison.Ordinal);
        Assert.True(client.Memory.CannotShrink);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0 3")]
    [InlineData("half")]
    public void Connect_WhenTheServerFallsSilent_TimesOut(string script)
    {
        using var server = new FakeServer();

        IvshmemProtocolException refusal = Assert.Throws<IvshmemProtocolException>(() => server.Connect(script, timeoutMs: 60));

        Assert.Equal(IvshmemFault.TimedOut, refusal.Fault);
    }

    [Fact]
    public void Connect_ToAServerThatNeverAccepts_TimesOut()
    {
        using var folder = new TemporaryFolder();
        using UnixListener listener = UnixListener.Bind(folder.File("s"));

        IvshmemProtocolException refusal = Assert.Throws<IvshmemProtocolException>(() => IvshmemClient.Connect(folder.File("s"), 60));

        Assert.Equal(IvshmemFault.TimedOut, refusal.Fault);
    }

    [Fact]
    public void Connect_ToAServerThatTalksWithoutEnd_EndsInTime()
    {
        using var server = new FakeServer();
        var talker = new Thread(() =>
        {
            server.AcceptOne();
            server.Say("0 3 -1m");
            server.Chatter(9);
        });
        talker.Start();

        long start = Stopwatch.GetTimestamp();
        Exception? end = Record.Exception(() => IvshmemClient.Connect(server.Path, 200).Dispose());

        // When the talker happens to draw breath at the limit, it counts as a server without interrupts.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 200, double.MaxValue);
        Assert.True(end is null or IvshmemProtocolException { Fault: IvshmemFault.TimedOut }, end?.ToString());
        Assert.True(talker.Join(5000));
    }

    [Fact]
    public void Connect_ToAServerThatTalksWithoutEndAfterTheIntroduction_ReturnsInTime()
    {
        using var server = new FakeServer();
        var talker = new Thread(() =>
        {
            server.AcceptOne();
            server.Say("0 3 -1m 3+");
            server.Chatter(9);
        });
        talker.Start();

        IvshmemClient client = IvshmemClient.Connect(server.Path, 200);

        Assert.Single(client.OwnVectors);
        client.Dispose();
        Assert.True(talker.Join(5000));
    }

    [Fact]
    public void ProcessMessages_UnderATalkWithoutEnd_ReturnsAllTheSame()
    {
        using var server = new FakeServer();
        IvshmemClient client = server.Connect("0 3 -1m 3+");
        var talker = new Thread(() => server.Chatter(9));
        talker.Start();

        for (int i = 0; i < 20; i++) client.ProcessMessages();

        Assert.False(client.ServerGone);
        client.Dispose();
        Assert.True(talker.Join(5000));
    }

    [Fact]
    public void Connect_WhenCancelled_GivesUp()
    {
        using var folder = new TemporaryFolder();
        using UnixListener listener = UnixListener.Bind(folder.File("s"));
        using var cancel = new CancellationTokenSource(30);

        Assert.Throws<OperationCanceledException>(() => IvshmemClient.Connect(folder.File("s"), 60_000, cancel: cancel.Token));
    }

    [Fact]
    public void Connect_ToAServerWithoutInterrupts_GivesAClientThatMustPoll()
    {
        using var server = new FakeServer();

        using IvshmemClient client = server.Connect("0 3 -1m", timeoutMs: 80);

        Assert.Empty(client.OwnVectors);
        Assert.Empty(client.Peers);
        Assert.Equal(3, client.OwnId);
        Assert.False(client.ServerGone);
    }

    [Fact]
    public void OwnVectors_ThatArriveLate_AreTakenUp()
    {
        using var server = new FakeServer();
        using IvshmemClient client = server.Connect("0 3 -1m 1+ 3+");
        Assert.Single(client.OwnVectors);
        int version = client.Version;

        server.Say("3+ 3+");
        Assert.True(client.ProcessMessages());

        Assert.Equal(3, client.OwnVectors.Count);
        Assert.NotEqual(version, client.Version);
    }

    [Fact]
    public void Departure_OfAPeerNobodyAnnounced_IsCountedAndIgnored()
    {
        using var server = new FakeServer();
        using IvshmemClient client = server.Connect("0 3 -1m 3+");

        server.Say("9 9 1+");
        client.ProcessMessages();

        Assert.Equal(2, client.UnknownDepartures);
        Assert.Equal([1], client.Peers);
        Assert.False(client.ServerGone);
    }

    [Theory]
    [InlineData("3", IvshmemFault.OwnDeparture)]
    [InlineData("-1m", IvshmemFault.SecondMemory)]
    [InlineData("70000", IvshmemFault.BadPeerId)]
    [InlineData("5m", IvshmemFault.NotADoorbell)]
    [InlineData("5++", IvshmemFault.BadDescriptors)]
    [InlineData("5*65", IvshmemFault.TooManyDoorbells)]
    [InlineData("3*64", IvshmemFault.TooManyDoorbells)]
    [InlineData("half end", IvshmemFault.Truncated)]
    public void ProcessMessages_WhenTheServerBreaksTheProtocolLater_EndsTheConnectionWithAReason(string script, IvshmemFault fault)
    {
        using var server = new FakeServer();
        using IvshmemClient client = server.Connect("0 3 -1m 1+ 3+");

        server.Say(script);
        bool news = client.ProcessMessages();

        Assert.True(news);
        Assert.True(client.ServerGone);
        Assert.Equal(fault, client.Fault);
        Assert.True(client.TryGetDoorbell(1, 0, out EventFd? doorbell) && doorbell.Ring());
    }

    [Fact]
    public void Client_UnderAnyScript_FailsWithAReasonOrStaysInBounds()
    {
        Gen<string> words = Gen.Elements(
            "0", "1", "3", "7", "-1", "-2", "65535", "65536", "3+", "7+", "1+", "65535+", "-1m", "-1+", "7m", "7++", "3*20", "7*30", "half");
        Gen<(bool Polite, IList<string> Script)> cases =
            from polite in Gen.Elements(true, false)
            from script in words.ListOf()
            select (polite, (IList<string>)script);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(cases.ToArbitrary(), input => StaysInBounds(input.Polite, input.Script)));
    }

    private static bool StaysInBounds(bool polite, IEnumerable<string> script)
    {
        using var server = new FakeServer();
        try
        {
            using IvshmemClient client = server.Connect((polite ? "0 3 -1m 3+ " : "") + string.Join(' ', script) + " end");
            client.ProcessMessages();
            return client.ServerGone
                && client.OwnVectors.Count <= IvshmemProtocol.MostVectors
                && client.Peers.All(peer => peer is >= 0 and <= 65535 && peer != client.OwnId);
        }
        catch (IvshmemProtocolException broken)
        {
            return broken.Fault is not (IvshmemFault.None or IvshmemFault.TimedOut);
        }
    }
}
