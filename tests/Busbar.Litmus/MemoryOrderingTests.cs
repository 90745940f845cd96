// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Xunit;

namespace Busbar.Litmus;

/// <summary>
/// Memory-ordering litmus: the two orders that the transport depends on hold on this machine, and the detector is shown to
/// see a violation where the fence is left out.
/// </summary>
public sealed class MemoryOrderingTests
{
    private const int DetectorRounds = 2000;
    private const int FencedRounds = 200;
    private const int Messages = 3_000_000;

    [Fact]
    public void StoreBuffering_WithoutFence_IsSeenByTheDetector()
    {
        RequireTwoCores();
        using var litmus = new StoreBuffering();

        long lost = litmus.CountLostWakeUps(fenced: false, DetectorRounds, stopAtFirst: true);

        Assert.True(lost > 0, "inconclusive: the detector saw no reordering, so the fenced run would prove nothing here");
    }

    [Fact]
    public void StoreBuffering_WithFence_NeverLosesAWakeUp()
    {
        RequireTwoCores();
        using var litmus = new StoreBuffering();

        long lost = litmus.CountLostWakeUps(fenced: true, FencedRounds, stopAtFirst: true);

        Assert.Equal(0, lost);
    }

    [Fact]
    public void MessagePassing_ReleaseThenAcquire_NeverShowsStalePayload()
    {
        RequireTwoCores();
        using var litmus = new MessagePassing();

        long stale = litmus.CountStaleSlots(Messages);

        Assert.Equal(0, stale);
    }

    private static void RequireTwoCores() => Assert.SkipWhen(
        Environment.ProcessorCount < 2, $"memory ordering shows on two cores only ({RuntimeInformation.ProcessArchitecture}, 1 core here)");
}
