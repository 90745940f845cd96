// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Who may open which window, and what everybody else is told.</summary>
public sealed class RoleTests
{
    // For refusals that do not wait; patience would only be used up by another fault.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(WindowKind.Ivshmem, MmbiRole.Owner)]
    [InlineData(WindowKind.Ivshmem, MmbiRole.Discoverer)]
    [InlineData(WindowKind.Shm, MmbiRole.Owner)]
    [InlineData(WindowKind.Shm, MmbiRole.Discoverer)]
    public void Role_ThatIsHeld_IsRefusedAndTheHolderGoesOn(WindowKind kind, MmbiRole role)
    {
        using NodePair pair = NodePair.Open(kind);
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        long resets = Resets(pair);

        MctpException refusal = Refusal(role == MmbiRole.Owner ? pair.OwnerLink : pair.DiscovererLink, role, s_limit);

        Assert.Equal(MctpError.AddressInUse, refusal.Error);
        Assert.Contains(role.ToString().ToLowerInvariant(), refusal.Message, StringComparison.Ordinal);
        Assert.Equal([5], pair.Discoverer.Ask(socket, [5]));
        Assert.Equal(resets, Resets(pair));
    }

    [Fact]
    public void TwoDiscoverers_WaitingForTheSameOwner_OnlyOneComesUp()
    {
        using var folder = new TemporaryFolder();
        string link = $"mmbi:ivshmem:{folder.File("s")},wait=block";
        using var server = new EmbeddedServer(new IvshmemServerOptions { SocketPath = folder.File("s"), Size = 1 << 18, Vectors = 1 });
        using NodeEnd first = NodeEnd.Open(link, MmbiRole.Discoverer);
        using NodeEnd second = NodeEnd.Open(link, MmbiRole.Discoverer);

        using NodeEnd owner = NodeEnd.Open(link, MmbiRole.Owner);
        Assert.True(SpinWait.SpinUntil(() => Claims(first) + Claims(second) == 1 && first.Attachment.MmbiLink.Channel is null != second.Attachment.MmbiLink.Channel is null, TimeSpan.FromSeconds(5)));
        (NodeEnd winner, NodeEnd loser) = Claims(first) == 1 ? (first, second) : (second, first);

        Assert.True(winner.IsUpWithin(5));
        Assert.False(loser.IsUpWithin(0.1));
        winner.Dispose();
        Assert.True(loser.IsUpWithin(5));
    }

    [Fact]
    public void Observer_OfALiveWindow_DisturbsNothing()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        long resets = Resets(pair);
        string path = pair.OwnerLink["mmbi:ivshmem:".Length..pair.OwnerLink.IndexOf(',', StringComparison.Ordinal)];

        for (int i = 0; i < 5; i++)
        {
            using IvshmemClient observer = IvshmemClient.Connect(path);
            using Memory.SharedRegion region = observer.Memory.Map(readOnly: true);
            MmbiWindowReport report = MmbiWindowReport.Read(region);
            Assert.Equal(MmbiDialect.V11, report.Recognition.Dialect);
            Assert.Equal([6], pair.Discoverer.Ask(socket, [6]));
        }

        Assert.Equal(resets, Resets(pair));
    }

    [Fact]
    public void Memory_ThatItsServerCanTruncate_IsTakenWhenTheUserTrustsIt()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s");
        using MappedMemory file = MappedMemory.OpenOrCreate(folder.File("m"), 1 << 20, out _);
        using EventFd doorbell = EventFd.Create();
        using UnixListener listener = UnixListener.Bind(path);
        var connections = new List<UnixConnection>();
        using var server = new Background(() =>
        {
            using var poller = new Poller(1);
            poller.Add(listener.Descriptor, PollEvents.Readable);
            while (connections.Count < 2)
            {
                poller.Wait(10_000, new PollReady[1]);
                Assert.Equal(AcceptResult.Accepted, listener.TryAccept(out UnixConnection? connection));
                connections.Add(connection!);
                connection!.TrySend(0);
                connection.TrySend(7);
                connection.TrySend(-1, file.Descriptor);
                connection.TrySend(7, doorbell.Descriptor);
            }
        });

        MctpException refusal = Refusal($"mmbi:ivshmem:{path}", MmbiRole.Discoverer, s_limit);
        using NodeEnd trusting = NodeEnd.Open($"mmbi:ivshmem:{path},trust=on", MmbiRole.Discoverer);
        server.Join();

        Assert.Equal(MctpError.BadConfiguration, refusal.Error);
        Assert.Contains("trust=on", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.Equal(1 << 20, trusting.Attachment.WindowSize);
        foreach (UnixConnection connection in connections) connection.Dispose();
    }

    [Fact]
    public void PeerOption_NamesTheIdThatIsRung()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s");
        using NodeEnd owner = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block,size=256K,peer=1", MmbiRole.Owner);
        using NodeEnd discoverer = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block,peer=0", MmbiRole.Discoverer);
        using MctpSocket socket = discoverer.Node.OpenSocket();

        Assert.True(discoverer.IsUpWithin(5));
        Assert.True(owner.IsUpWithin(5));
        Assert.Equal([1, 2], discoverer.Ask(socket, [1, 2]));
        Assert.Contains("own id 0, peer 1", owner.Attachment.Description, StringComparison.Ordinal);
        Assert.Contains("own id 1, peer 0", discoverer.Attachment.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void PeerOption_OfSomebodyElse_StillFindsThePeerByPolling()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s");
        using NodeEnd owner = NodeEnd.Open($"mmbi:ivshmem:{path},wait=poll,size=256K,peer=77", MmbiRole.Owner);
        using NodeEnd discoverer = NodeEnd.Open($"mmbi:ivshmem:{path},wait=poll", MmbiRole.Discoverer);

        Assert.True(discoverer.IsUpWithin(5));
        Assert.Contains("peer -1", owner.Attachment.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Socket_ThatAKilledServerLeft_IsTakenOver()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s");
        LeaveStaleSocket(path);

        using NodeEnd owner = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block,size=256K", MmbiRole.Owner);
        using NodeEnd discoverer = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block", MmbiRole.Discoverer);

        Assert.True(discoverer.IsUpWithin(5));
    }

    [Fact]
    public void Owner_OfAMissingSocket_ServesItWithoutPatience()
    {
        using var folder = new TemporaryFolder();

        using NodeEnd owner = NodeEnd.Open($"mmbi:ivshmem:{folder.File("s")},size=256K", MmbiRole.Owner, patienceSeconds: 0);

        Assert.True(File.Exists(folder.File("s")));
    }

    [Theory]
    [InlineData("mmbi:ivshmem:{0}/s,size=512K", MmbiRole.Owner, MctpError.BadConfiguration, "262144")]
    [InlineData("mmbi:ivshmem:{0}/s,size=512K", MmbiRole.Discoverer, MctpError.BadConfiguration, "262144")]
    [InlineData("mmbi:shm:{0}/f,size=512K", MmbiRole.Owner, MctpError.BadConfiguration, "262144")]
    [InlineData("mmbi:shm:{0}/f,size=512K", MmbiRole.Discoverer, MctpError.BadConfiguration, "262144")]
    [InlineData("mmbi:shm:{0}/tiny", MmbiRole.Discoverer, MctpError.BadConfiguration, "100 bytes")]
    [InlineData("mmbi:shm:{0}/page", MmbiRole.Owner, MctpError.BadConfiguration, "4096 bytes")]
    [InlineData("mmbi:shm:{0}", MmbiRole.Owner, MctpError.BadConfiguration, "")]
    [InlineData("mmbi:shm:{0}/none/f", MmbiRole.Owner, MctpError.BadConfiguration, "none/f")]
    [InlineData("mmbi:shm:{0}/none", MmbiRole.Discoverer, MctpError.Unreachable, "none")]
    [InlineData("mmbi:shm:{0}/empty", MmbiRole.Discoverer, MctpError.Unreachable, "empty")]
    [InlineData("mmbi:shm:/proc/none/f", MmbiRole.Owner, MctpError.BadConfiguration, "/proc/none/f")]
    [InlineData("mmbi:ivshmem:{0}/none/s", MmbiRole.Owner, MctpError.BadConfiguration, "none/s")]
    [InlineData("mmbi:ivshmem:{0}/none", MmbiRole.Discoverer, MctpError.Unreachable, "none")]
    [InlineData("mmbi:ivshmem:{0}/f", MmbiRole.Owner, MctpError.BadConfiguration, "not a socket")]
    [InlineData("mmbi:ivshmem:{0}/f/s", MmbiRole.Discoverer, MctpError.BadConfiguration, "/f/s")]
    [InlineData("mmbi:shm:{0}/new,size=8K,instances=8", MmbiRole.Owner, MctpError.BadConfiguration, "v1.1")]
    [InlineData("mmbi:shm:{0}/new,instance=7", MmbiRole.Owner, MctpError.BadConfiguration, "v1.1")]
    [InlineData("mmbi:ivshmem:{0}/new,size=8K", MmbiRole.Owner, MctpError.BadConfiguration, "does not fit")]
    [InlineData("mmbi:ivshmem:{0}/new,dialect=v1.0-aspeed,instances=2", MmbiRole.Owner, MctpError.BadConfiguration, "v1.0-aspeed")]
    [InlineData("mmbi:file:{0}/f", MmbiRole.Discoverer, MctpError.BadConfiguration, "busbar mmbi show")]
    public void Open_OfWhatCannotWork_SaysSoInOneLineAndLeavesNothingBehind(string link, MmbiRole role, MctpError error, string culprit)
    {
        using var folder = new TemporaryFolder();
        using var server = new EmbeddedServer(new IvshmemServerOptions { SocketPath = folder.File("s"), Size = 1 << 18, Vectors = 1 });
        MakeFile(folder.File("f"), 1 << 18);
        MakeFile(folder.File("tiny"), 100);
        MakeFile(folder.File("page"), 4096);
        MakeFile(folder.File("empty"), 0);
        string text = string.Format(null, link, folder.File("x")[..^2]);

        MctpException refusal = Refusal(text, role, error == MctpError.Unreachable ? TimeSpan.FromMilliseconds(50) : s_limit);

        Assert.Equal(error, refusal.Error);
        Assert.Contains(culprit, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith($"link '{text}': ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.False(File.Exists(folder.File("new")));
    }

    [Fact]
    public void EspiOwner_OfAThirdInstance_LaysOutFour()
    {
        using var folder = new TemporaryFolder();
        string window = $"mmbi:shm:{folder.File("f")},dialect=v1.0-espi,size=64K";
        string link = $"{window},instance=2";
        using NodeEnd first = NodeEnd.Open($"{window},instances=4", MmbiRole.Owner);
        using NodeEnd owner = NodeEnd.Open(link, MmbiRole.Owner);
        using NodeEnd discoverer = NodeEnd.Open(link, MmbiRole.Discoverer);

        Assert.True(discoverer.IsUpWithin(5));
    }

    private static MctpException Refusal(string link, MmbiRole role, TimeSpan patience)
    {
        Assert.True(LinkSpecParser.TryParse(link, out LinkSpec? spec, out string? error), error);
        return Assert.Throws<MctpException>(() =>
        {
            using LinkAttachment attachment = LinkOpener.Open(spec, role, patience: patience);
        });
    }

    private static long Resets(NodePair pair) => Resets(pair.Owner) + Resets(pair.Discoverer);

    private static long Resets(NodeEnd end)
    {
        MmbiStatistics statistics = end.Attachment.MmbiLink.Channel!.Statistics;
        return statistics.ResetsByUs + statistics.ResetsByPeer;
    }

    private static int Claims(NodeEnd end) => ((IvshmemAttachment)end.Attachment).HoldsRole ? 1 : 0;

    private static void MakeFile(string path, int size)
    {
        using FileStream file = File.Create(path);
        file.SetLength(size);
    }

    // What a killed server leaves: a socket file with nobody behind it. Moving the file away hides it from the listener's own tidying.
    private static void LeaveStaleSocket(string path)
    {
        using (UnixListener listener = UnixListener.Bind(path + "~"))
        {
            File.Move(path + "~", path);
        }

        Assert.True(File.Exists(path));
    }
}
