// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Node;
using Xunit;

namespace Busbar.Devices.Tests;

/// <summary>
/// Profile ast2700 when the host writes what makes no sense. A reset would end the 2024 driver's link for good, so the owner goes on without one, counts it,
/// and the same driver still gets its answers.
/// </summary>
public sealed class Ast2700HostileTests
{
    private const int Window = 256 << 10;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0x04000000u)]      // LEN 0
    [InlineData(0x04000004u)]      // LEN 1: the header alone
    [InlineData(0x04000007u)]      // LEN 1 and padding
    [InlineData(0x04FFFFFCu)]      // more than the ring
    [InlineData(0x04000104u)]      // more than what is filled
    [InlineData(0xFFFFFFFFu)]
    public void BadHeader_IsSkipped_AndTheLinkLives(uint header)
    {
        using ReplayDevice replay = Ast2700ReplayTests.Joined(Window, out Host2024 host);
        Ast2700ReplayTests.Exchange(host, 100);
        HostWindow window = replay.Window(0);
        int write = (int)(window.Read32(host.StatusAt) & ~3u);
        window.Write32(host.RingStart + write, header);
        window.Write32(host.StatusAt, (uint)(write + 16) | 2);
        host.Doorbell();

        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Statistics.StreamsSkipped) == 1, s_limit));
        Assert.Equal(write + 16, host.ReadPointer);
        Survives(replay, host);
    }

    [Fact]
    public void WritePointerBeyondTheRing_IsIgnoredUntilItChanges()
    {
        using ReplayDevice replay = Ast2700ReplayTests.Joined(Window, out Host2024 host);
        Ast2700ReplayTests.Exchange(host, 100);
        HostWindow window = replay.Window(0);
        uint good = window.Read32(host.StatusAt);
        window.Write32(host.StatusAt, 0x7FFF_FFF0 | 2);
        host.Doorbell();

        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Statistics.PointersIgnored) == 1, s_limit));

        Assert.True(Rests(replay));
        window.Write32(host.StatusAt, good);
        Survives(replay, host);
        Assert.Equal(1, replay.OfChannel(channel => channel.Statistics.PointersIgnored));
    }

    [Fact]
    public void ReadPointerBeyondTheRing_IsIgnoredUntilItChanges()
    {
        using ReplayDevice replay = Ast2700ReplayTests.Joined(Window, out Host2024 host);
        Ast2700ReplayTests.Exchange(host, 100);
        HostWindow window = replay.Window(0);
        uint good = window.Read32(host.StatusAt + 4);
        window.Write32(host.StatusAt + 4, 0x7FFF_FFF0 | 1);
        host.Doorbell();

        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Statistics.PointersIgnored) == 1, s_limit));
        Assert.True(Rests(replay));
        window.Write32(host.StatusAt + 4, good);
        Survives(replay, host);
    }

    [Fact]
    public void ReadPointerOffAPacketBoundary_EmptiesTheRing_AndTheLinkLives()
    {
        using ReplayDevice replay = Ast2700ReplayTests.Joined(Window, out Host2024 host);
        Ast2700ReplayTests.Exchange(host, 100);
        HostWindow window = replay.Window(0);

        // As after a failed allocation: the driver read its way past what there was.
        uint past = (window.Read32(host.StatusAt + 4) & ~3u) + 4096;
        window.Write32(host.StatusAt + 4, past | 1);
        host.Doorbell();

        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Statistics.StreamsSkipped) == 1, s_limit));
        Survives(replay, host);
    }

    [Fact]
    public void RandomWords_NeverCostTheDriverItsLink()
    {
        using ReplayDevice replay = Ast2700ReplayTests.Joined(Window, out Host2024 host);
        HostWindow window = replay.Window(0);
        var random = new Random(27);
        for (int i = 0; i < 400; i++)
        {
            // Any pointer, with the flags of a host that is up; and any header where the next packet may be.
            int word = random.Next(2);
            uint pointer = (uint)random.NextInt64(1L << random.Next(1, 33)) & ~3u;
            window.Write32(host.StatusAt + (4 * word), pointer | (word == 0 ? 2u : 1u));
            window.Write32(host.RingStart + (random.Next(host.RingLength / 4) * 4), (uint)random.Next());
            host.Doorbell();
            if (i % 16 == 0) Assert.True(SpinWait.SpinUntil(() => !replay.OfChannel(channel => channel.HasChanged), s_limit));
        }

        // The driver has no pointers but those in the window: both rings empty there, and it goes on.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                host.TakePointers();
                host.Doorbell();
                return replay.OfChannel(channel => channel is { HasChanged: false, Producer.Unread: 0, Consumer.Violation: RingViolation.None }) && host.IsEmpty;
            },
            s_limit));
        Survives(replay, host);
    }

    // More than a millisecond until the next turn: false for ever while a violation stands.
    private static bool Rests(ReplayDevice replay) => SpinWait.SpinUntil(
        () => replay.Device.GetEndpoint(0)!.Node.Read((_, now) => ((MmbiAttachment)replay.Device.GetEndpoint(0)!.Attachment).MmbiLink.Channel!.NextDeadline - now > 1),
        s_limit);

    private static void Survives(ReplayDevice replay, Host2024 host)
    {
        Ast2700ReplayTests.Exchange(host, 65_536);
        Ast2700ReplayTests.Exchange(host, 5);
        Assert.DoesNotContain(0xE, replay.States);
        Assert.Equal(0, replay.OfChannel(channel => channel.Statistics.ResetsByUs));
    }
}
