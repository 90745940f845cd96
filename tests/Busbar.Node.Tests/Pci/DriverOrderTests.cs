// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>
/// The order of the driver's accesses where shared memory and registers meet, as the device sees it. That the processor keeps this order is the matter of the
/// fences, which the litmus tests try.
/// </summary>
public sealed class DriverOrderTests
{
    private const int Registers = 0;
    private const int Window = 2;

    [Fact]
    public void Doorbell_FollowsWhatItAnnounces_AndAcknowledgementComesBeforeTheLook()
    {
        using var device = new ModelDevice();
        using var recorded = new ConstrainedDevice(device.Device) { IsRecording = true };
        int pointer;
        using (var hosts = new DriverHosts(recorded, 1))
        {
            for (byte i = 0; i < 50; i++) Assert.Equal([i], hosts.AskUntilAnswered(0, [i]));
            pointer = (int)hosts.Links[0].MmbiLink.Channel!.Recognition!.Descriptor!.Instances[0].Rws;
        }

        IReadOnlyList<DriverAccess> accesses = recorded.Accesses;
        int published = 0, acknowledged = 0;
        for (int i = 0; i < accesses.Count; i++)
        {
            DriverAccess access = accesses[i];
            if (!access.IsWrite) continue;
            if (access.Bar == Window && access.Offset == pointer)
            {
                published++;
                Assert.True(IsDoorbell(Next(accesses, i)), $"access {i} publishes, and {Next(accesses, i)} follows");
            }

            if (!IsAt(access, MailboxFormat.Status)) continue;
            acknowledged++;
            Assert.True(IsAt(accesses[i - 1], MailboxFormat.Masked) && accesses[i - 1].Value == access.Value, $"access {i} clears what was not read before");
            Assert.True(IsAt(Next(accesses, i), MailboxFormat.Masked), $"access {i} is not flushed by a read");
            Assert.Contains(accesses.Skip(i + 1).TakeWhile(later => !IsAt(later, MailboxFormat.Status)), later => later is { Bar: Window, IsWrite: false });
        }

        Assert.True(published >= 50, $"{published} publications");
        Assert.True(acknowledged > 0, "no interrupt was acknowledged");
    }

    private static DriverAccess? Next(IReadOnlyList<DriverAccess> accesses, int index) => index + 1 < accesses.Count ? accesses[index + 1] : null;

    private static bool IsDoorbell(DriverAccess? access) => access is { IsWrite: true } && IsAt(access, MailboxFormat.Set);

    private static bool IsAt(DriverAccess? access, int register) => access is { Bar: Registers } && access.Offset == MailboxFormat.At(0, register);
}
