// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.TestKit;
using Microsoft.Win32.SafeHandles;
using Xunit;
using static Busbar.Pci.Tests.VfioUserRaw;

namespace Busbar.Pci.Tests;

/// <summary>Clients that try to make the server wait for them: in a write, or in a close.</summary>
[Collection(nameof(DescriptorCounting))]
public sealed class VfioUserStallTests : IDisposable
{
    private const int EINVAL = 22;

    private readonly VfioUserServed _served = new();

    [Fact]
    public async Task Interrupt_IntoAFullEventFdThatWasMadeToBlock_IsSentWithoutWaiting()
    {
        using VfioUserRaw client = _served.Negotiated();
        using EventFd doorbell = EventFd.Create();
        Assert.Equal(0, client.Ask(8, IrqSet(0x24, 2, 0, 1), doorbell.Descriptor).Error);
        Fill(doorbell);
        MakeBlocking(doorbell.Descriptor);

        // From the server's thread, and from one of the function's.
        Assert.Equal(0, client.Ask(8, IrqSet(0x21, 2, 0, 1)).Error);
        Assert.True(await Task.Run(() => _served.Function.Host!.Interrupt(PciInterruptKind.Msix, 0, true), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

        Assert.Equal(VfioUserTestFunction.Identity, client.Read32(0, 0));
        Assert.Equal(2, _served.Server.Statistics.InterruptsSent);
    }

    [Fact]
    public void Descriptor_OfASocketThatLingers_IsClosedWithoutWaiting()
    {
        using VfioUserRaw client = _served.Negotiated();
        using var lingering = new LingeringSocket();
        byte[] message = Message(1, 9, RegionRead(0, 0, 4));
        lingering.HandOver(descriptor =>
        {
            // The server gets the descriptor with the first bytes and keeps it until the message is whole; by then it has the only copy.
            client.Send(message[..20], descriptor);
            VfioUserServed.Until(() => lingering.Copies() == 2, "the server has a copy");
        });

        client.Send(message[20..]);

        Assert.Equal(EINVAL, client.Answer(1, 9).Error);
        Assert.Equal(VfioUserTestFunction.Identity, client.Read32(0, 0));
        VfioUserServed.Until(() => FileDescriptor.WaitingToClose == 0, "in the end it is closed");
    }

    [Fact]
    public void Descriptor_OfASocketThatLingers_LeftUnreadByTheServer_IsClosedWithoutWaiting()
    {
        using var release = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        _served.Function.BeforeWrite = () =>
        {
            entered.Set();
            release.Wait(TimeSpan.FromSeconds(10));
        };
        using VfioUserRaw client = _served.Negotiated();
        using var lingering = new LingeringSocket();
        client.Send(Message(1, 10, RegionWrite(0, 4, 1, 2, 3, 4)));
        Assert.True(entered.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

        // An impossible size ends the conversation; what stands behind it is never read.
        client.Send(Message(2, 9, new byte[100], size: 3));
        lingering.HandOver(descriptor => client.Send(new byte[100], descriptor));
        release.Set();

        VfioUserServed.Until(() => _served.Server.Statistics.Disconnected == 1, "the client is sent away");
        _served.Function.BeforeWrite = null;
        using VfioUserRaw next = _served.Negotiated();
        Assert.Equal(VfioUserTestFunction.Identity, next.Read32(0, 0));
        VfioUserServed.Until(() => FileDescriptor.WaitingToClose == 0, "in the end it is closed");
    }

    public void Dispose() => _served.Dispose();

    private static void Fill(EventFd doorbell)
    {
        using var handle = new SafeFileHandle(doorbell.Descriptor.Number, ownsHandle: false);
        RandomAccess.Write(handle, BitConverter.GetBytes(ulong.MaxValue - 1), 0);
    }

    private static void MakeBlocking(FileDescriptor descriptor)
    {
        int flags = NativeFile.Control(descriptor, NativeFile.F_GETFL, 0);
        Assert.True(NativeFile.Control(descriptor, NativeFile.F_SETFL, flags & ~NativeFile.O_NONBLOCK) >= 0);
    }
}
