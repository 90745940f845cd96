// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The background thread that serves a node while no caller does, and what disposing leaves behind.</summary>
public sealed class AgentTests
{
    public static TheoryData<WaitStrategy> Strategies => [WaitStrategy.Spin, WaitStrategy.Adaptive, WaitStrategy.Block];

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Services_WhileNobodyWaits_AreServedByTheAgent(WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(WindowKind.Ivshmem, wait);
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();

        for (int i = 0; i < 20; i++) Assert.Equal([(byte)i], pair.Discoverer.Ask(socket, [(byte)i]));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Agent_BetweenCallersThatComeAndGo_TakesOverEachTime(WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(WindowKind.Ivshmem, wait, timings: NodePair.NoSecondLook);
        using MctpSocket asking = pair.Discoverer.Node.OpenSocket();
        using MctpSocket idle = pair.Owner.Node.OpenSocket();

        for (int i = 0; i < 30; i++)
        {
            // Long enough to park the agent now and then, short enough for a test.
            idle.TryReceiveFrom(new byte[8], TimeSpan.FromMilliseconds(i % 3 == 0 ? 25 : 1), out _);
            Assert.Equal([(byte)i], pair.Discoverer.Ask(asking, [(byte)i]));
        }
    }

    [Fact]
    public void WaitFor_WhoseConditionThrows_LeavesTheNodeServed()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket asking = pair.Discoverer.Node.OpenSocket();
        long until = Environment.TickCount64 + 40;

        Assert.Throws<InvalidOperationException>(() => pair.Owner.Node.WaitFor(
            () => Environment.TickCount64 > until ? throw new InvalidOperationException() : false, TimeSpan.FromSeconds(5)));

        Assert.Equal([7], pair.Discoverer.Ask(asking, [7]));
    }

    [Fact]
    public void Dispose_OfManyNodesAtAnyMoment_StopsTheirAgents()
    {
        for (int i = 0; i < 200; i++)
        {
            using var node = new MctpNode();
            Thread.SpinWait(i * 50);
        }

        Assert.True(SpinWait.SpinUntil(() => CountOwnThreads() == 0, TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Spin)]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Block)]
    [InlineData(WindowKind.Shm, WaitStrategy.Poll)]
    public void Dispose_OfAPair_LeavesNoThreadNoDescriptorAndNoFile(WindowKind kind, WaitStrategy wait)
    {
        OpenAskDispose(kind, wait);
        int descriptors = CountDescriptors();

        for (int i = 0; i < 5; i++) Assert.Empty(OpenAskDispose(kind, wait));

        Assert.Equal(descriptors, CountDescriptors());

        // The kernel forgets a thread a moment after it has ended.
        Assert.True(SpinWait.SpinUntil(() => CountOwnThreads() == 0, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void RemoveLink_WhileAThreadSleepsOnIt_ReleasesItsDescriptors()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        int before = CountDescriptors();
        using var sleeper = new Background(() => socket.TryReceiveFrom(new byte[8], TimeSpan.FromSeconds(30), out _));
        pair.Discoverer.AwaitSleepers(1);

        pair.Discoverer.Node.RemoveLink(pair.Discoverer.Attachment);

        Assert.True(pair.Owner.IsDownWithin(5));
        Assert.True(SpinWait.SpinUntil(() => CountDescriptors() < before, TimeSpan.FromSeconds(5)));
        socket.Dispose();
        sleeper.Join();
    }

    private static string[] OpenAskDispose(WindowKind kind, WaitStrategy wait)
    {
        NodePair pair = NodePair.Open(kind, wait);
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        pair.Discoverer.Ask(socket, new byte[100]);
        pair.Discoverer.Dispose();
        pair.Owner.Dispose();
        string[] left = pair.Folder.Files();
        pair.Dispose();
        return left;
    }

    private static int CountDescriptors() => Directory.GetFiles("/proc/self/fd").Length;

    private static int CountOwnThreads() => Directory.GetDirectories("/proc/self/task").Count(task => NameOf(task) is "busbar agent" or "ivshmem server");

    // Empty when the thread ends while it is looked at.
    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
