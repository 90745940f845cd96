// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Links that are taken away while somebody sleeps on their doorbells.</summary>
public sealed class RemoveLinkTests
{
    private const int Rounds = 300;
    private const int WindowSize = 64 << 10;

    [Fact]
    public void RemoveLink_WhileItsDoorbellRings_IsNotAskedAboutItAfterwards()
    {
        var all = new List<CountingSignals>();
        using (var node = new MctpNode())
        {
            for (int round = 0; round < Rounds; round++)
            {
                SharedRegion window = SharedRegion.Allocate(WindowSize);
                var signals = new CountingSignals(window);
                all.Add(signals);
                var options = new WindowOptions { Text = "test", Role = MmbiRole.Owner, Wait = WaitStrategy.Block };
                WindowAttachment attachment = WindowAttachment.Open(window, options, signals, "test");
                node.AddLink(attachment);
                Assert.True(SpinWait.SpinUntil(() => signals.Sleeps != 0, TimeSpan.FromSeconds(10)));

                signals.Bell.Ring();
                node.RemoveLink(attachment);
            }
        }

        // The node waits for its threads when it goes, so whoever would have been asked late has been.
        Assert.DoesNotContain(all, signals => signals.WasAskedLate);
        all.ForEach(signals => signals.Dispose());
    }

    private sealed class CountingSignals(SharedRegion window) : IWindowSignals, IMmbiDoorbell, IDisposable
    {
        private int _sleeps;

        public EventFd Bell { get; } = EventFd.Create();

        public bool WasAskedLate { get; private set; }

        public int Sleeps => Volatile.Read(ref _sleeps);

        public IMmbiDoorbell Doorbell => this;

        public bool CanRing => false;

        public bool CanWake => true;

        public bool PeerWantsRing => false;

        public void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(Bell.Descriptor);

        public bool Acknowledge(FileDescriptor descriptor)
        {
            // The window goes with the link.
            WasAskedLate |= window.Length == 0;
            return Bell.TryDrain(out _);
        }

        public void Ring()
        {
        }

        public void SetWanted(bool wanted)
        {
            if (wanted) Interlocked.Increment(ref _sleeps);
        }

        public void Dispose() => Bell.Dispose();
    }
}
