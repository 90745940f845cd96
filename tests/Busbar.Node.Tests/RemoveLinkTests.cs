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
        using var node = new MctpNode();
        for (int round = 0; round < Rounds; round++)
        {
            using var signals = new CountingSignals();
            var options = new WindowOptions { Text = "test", Role = MmbiRole.Owner, Wait = WaitStrategy.Block };
            WindowAttachment attachment = WindowAttachment.Open(SharedRegion.Allocate(WindowSize), options, signals, "test");
            node.AddLink(attachment);
            Assert.True(SpinWait.SpinUntil(() => signals.Sleeps != 0, TimeSpan.FromSeconds(10)));

            signals.Bell.Ring();
            node.RemoveLink(attachment);
            signals.IsRemoved = true;

            // Whoever slept has come round when it has looked at the links once more.
            node.WaitFor(static () => true, TimeSpan.FromSeconds(1));
            Assert.False(signals.WasAskedLate);
        }
    }

    private sealed class CountingSignals : IWindowSignals, IMmbiDoorbell, IDisposable
    {
        private int _sleeps;

        public EventFd Bell { get; } = EventFd.Create();

        public volatile bool IsRemoved;

        public bool WasAskedLate { get; private set; }

        public int Sleeps => Volatile.Read(ref _sleeps);

        public IMmbiDoorbell Doorbell => this;

        public bool CanRing => false;

        public bool CanWake => true;

        public bool PeerWantsRing => false;

        public void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(Bell.Descriptor);

        public bool Acknowledge(FileDescriptor descriptor)
        {
            WasAskedLate |= IsRemoved;
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
