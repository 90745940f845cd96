// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Ends and servers that go away and come back.</summary>
public sealed class RestartTests
{
    public static TheoryData<WindowKind, WaitStrategy> Ways => new()
    {
        { WindowKind.Ivshmem, WaitStrategy.Block },
        { WindowKind.Ivshmem, WaitStrategy.Spin },
        { WindowKind.Shm, WaitStrategy.Poll },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Owner_ThatRestarts_TakesTheLinkDownAndUpAgain(WindowKind kind, WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(kind, wait);
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        Assert.Equal([1], pair.Discoverer.Ask(socket, [1]));

        for (int life = 0; life < 3; life++)
        {
            pair.Owner.Dispose();
            Assert.True(pair.Discoverer.IsDownWithin(5));
            pair.RestartOwner();
            Assert.True(pair.Discoverer.IsUpWithin(5));
            Assert.Equal([2], pair.Discoverer.Ask(socket, [2]));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Discoverer_ThatRestarts_TakesTheLinkDownAndUpAgain(WindowKind kind, WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(kind, wait);
        using MctpSocket socket = pair.Owner.Node.OpenSocket();

        for (int life = 0; life < 3; life++)
        {
            pair.Discoverer.Dispose();
            Assert.True(pair.Owner.IsDownWithin(5));
            pair.RestartDiscoverer();
            Assert.True(pair.Owner.IsUpWithin(5));
            Assert.Equal([2], pair.Owner.Ask(socket, [2]));
        }
    }

    [Fact]
    public void Server_ThatDiesAndComesBack_IsFoundAgainByBothEnds()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s");
        EmbeddedServer server = Serve(path);
        using NodeEnd owner = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block", MmbiRole.Owner);
        using NodeEnd discoverer = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block", MmbiRole.Discoverer);
        using MctpSocket socket = discoverer.Node.OpenSocket();
        Assert.True(discoverer.IsUpWithin(5));

        server.Dispose();
        Assert.True(discoverer.IsDownWithin(5));
        Assert.True(owner.IsDownWithin(5));
        using EmbeddedServer again = Serve(path);

        Assert.True(discoverer.IsUpWithin(5));
        Assert.Equal([3], discoverer.Ask(socket, [3]));
    }

    [Fact]
    public void Server_ThatComesBackWithAnUnusableWindow_IsSurvivedUntilAGoodOneComes()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s");
        EmbeddedServer server = Serve(path);
        using NodeEnd owner = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block", MmbiRole.Owner);
        using NodeEnd discoverer = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block", MmbiRole.Discoverer);
        Assert.True(discoverer.IsUpWithin(5));
        server.Dispose();
        Assert.True(discoverer.IsDownWithin(5));

        using (Serve(path, size: 8192))
        {
            Assert.False(discoverer.IsUpWithin(0.6));
        }

        using EmbeddedServer again = Serve(path);

        Assert.True(owner.IsUpWithin(5));
        Assert.True(discoverer.IsUpWithin(5));
    }

    [Theory]
    [InlineData(MmbiRole.Owner)]
    [InlineData(MmbiRole.Discoverer)]
    public void Peer_ThatIsKilled_TakesTheLinkDownUntilAnotherComes(MmbiRole role)
    {
        using var folder = new TemporaryFolder();
        using EmbeddedServer server = Serve(folder.File("s"));
        string link = $"mmbi:ivshmem:{folder.File("s")},wait=block";
        MmbiRole other = role == MmbiRole.Owner ? MmbiRole.Discoverer : MmbiRole.Owner;
        using NodeEnd end = NodeEnd.Open(link, other);
        using MctpSocket socket = end.Node.OpenSocket();

        for (int life = 0; life < 2; life++)
        {
            using ChildEnd peer = ChildEnd.Start(link, role);
            peer.AwaitUp();
            Assert.True(end.IsUpWithin(5));
            Assert.Equal([8], end.Ask(socket, [8]));
            peer.Kill();
            Assert.True(end.IsDownWithin(5));
        }
    }

    private static EmbeddedServer Serve(string path, long size = 1 << 18) => new(new IvshmemServerOptions { SocketPath = path, Size = size, Vectors = 1 });
}
