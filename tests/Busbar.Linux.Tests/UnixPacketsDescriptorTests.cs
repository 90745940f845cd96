// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class UnixPacketsDescriptorTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void Packets_WithDescriptors_ArriveWithoutThem()
    {
        (UnixPackets first, UnixPackets second) = UnixPackets.CreatePair();
        using (first)
        using (second)
        {
            using EventFd doorbell = EventFd.Create();
            FileDescriptor[] many = [.. Enumerable.Repeat(doorbell.Descriptor, DescriptorPassing.MostDescriptors)];
            byte[] buffer = new byte[16];
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(3, DescriptorPassing.Send(first.Descriptor, [1, 2, 3], many, out _));
                Assert.Equal(ReceiveResult.Received, second.TryReceive(buffer, out int count));
                Assert.Equal([1, 2, 3], buffer[..count]);
            }

            Assert.Equal(40, DescriptorPassing.Send(first.Descriptor, new byte[40], many, out _));
            Assert.Equal(ReceiveResult.Truncated, second.TryReceive(buffer, out _));
            Assert.Equal(ReceiveResult.WouldBlock, second.TryReceive(buffer, out _));
        }
    }

    [Fact]
    public async Task Packet_WithASocketThatLingers_IsReceivedWithoutWaiting()
    {
        (UnixPackets first, UnixPackets second) = UnixPackets.CreatePair();
        using (first)
        using (second)
        {
            using var lingering = new LingeringSocket();
            lingering.HandOver(descriptor => Assert.Equal(1, DescriptorPassing.Send(first.Descriptor, [1], [descriptor], out _)));

            Task<ReceiveResult> receiving = Task.Run(() => second.TryReceive(new byte[8], out _), TestContext.Current.CancellationToken);

            // Nobody waits for a descriptor that nobody wanted.
            Assert.Equal(ReceiveResult.Received, await receiving.WaitAsync(s_limit, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Connection_ClosedWithSocketsThatLingerUnread_ClosesWithoutWaiting()
    {
        (UnixPackets first, UnixPackets second) = UnixPackets.CreatePair();
        using (first)
        {
            using var lingering = new LingeringSocket();
            Assert.Equal(0, DescriptorPassing.Send(first.Descriptor, [], [], out _));
            lingering.HandOver(descriptor => Assert.Equal(1, DescriptorPassing.Send(first.Descriptor, [1], [descriptor], out _)));

            await Task.Run(second.Dispose, TestContext.Current.CancellationToken).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        }
    }
}
