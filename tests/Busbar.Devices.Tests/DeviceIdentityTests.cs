// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Devices.Tests;

/// <summary>Who a device says it is, and what a link's reset does to its mailbox.</summary>
public sealed class DeviceIdentityTests
{
    [Fact]
    public void Instances_HaveUuidsOfTheirOwn_TheSameEveryTime_TheFirstAsGiven()
    {
        var given = Guid.Parse("0a0b0c0d-1111-2222-3333-444455556666");
        Guid[] first = UuidsOf(given);
        Assert.Equal(given, first[0]);
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.All(first[1..], uuid => Assert.Equal((8, '8'), (uuid.Version, "89ab".Contains(uuid.ToString()[19], StringComparison.Ordinal) ? '8' : 'x')));
        Assert.Equal(first, UuidsOf(given));
        Assert.Empty(first.Skip(1).Intersect(UuidsOf(Guid.NewGuid())));
    }

    [Fact]
    public void RestartedEndpoint_KeepsItsUuid()
    {
        using var device = new MmbiDevice(new MmbiDeviceOptions { Instances = 2 });
        device.Start();
        Guid before = device.GetEndpoint(1)!.Uuid;
        device.RestartEndpoint(1);
        Assert.Equal(before, device.GetEndpoint(1)!.Uuid);
    }

    [Theory]
    [InlineData("busbar", 0x10F21AF4u)]
    [InlineData("ast2700", 0x24021A03u)]
    [InlineData("ast2700-v1.1", 0x24021A03u)]
    [InlineData("ast2700-mfd", 0x24021A03u)]
    public void Identity_OfEachProfile_IsTheDocumentedOne_WithTheClassOfMmbi(string name, uint identity)
    {
        Assert.True(DeviceProfile.TryParse(name, out DeviceProfile? profile));
        using var device = new MmbiDevice(new MmbiDeviceOptions { Profile = profile });
        byte[] header = new byte[64];
        device.Function.ReadConfig(0, header);
        Assert.Equal(identity, BitConverter.ToUInt32(header, 0));
        Assert.Equal(0x0C0C00u, BitConverter.ToUInt32(header, 8) >> 8);
    }

    [Fact]
    public void Identity_GivenByTheUser_ReplacesTheProfiles()
    {
        using var device = new MmbiDevice(new MmbiDeviceOptions { VendorId = 0x1234, DeviceId = 0x5678, SubsystemVendorId = 0x9ABC, SubsystemId = 0xDEF0 });
        byte[] header = new byte[64];
        device.Function.ReadConfig(0, header);
        Assert.Equal(0x56781234u, BitConverter.ToUInt32(header, 0));
        Assert.Equal(0xDEF09ABCu, BitConverter.ToUInt32(header, 0x2C));
    }

    [Fact]
    public void ResetOfALink_ForgetsTheEventsOfItsPair_AndKeepsItsSettings()
    {
        using var device = new MmbiDevice(new MmbiDeviceOptions { Instances = 2 });
        device.Start();
        using var driver = new InProcessDevice(device.Function);
        Memory.SharedRegion registers = driver.MapBar(0, Memory.RegionAccess.Mmio);
        for (int pair = 0; pair < 2; pair++)
        {
            registers.Write32(MailboxFormat.At(pair, MailboxFormat.Enable), MailboxFormat.DataEvent);
            device.Mailbox!.Set(MailboxSide.Owner, pair, MailboxFormat.ErrorEvent);
        }

        device.RestartEndpoint(0);

        // The owner rings again when it has started over; what was pending before is gone.
        Assert.Equal(MailboxFormat.LinkEvents, registers.Read32(MailboxFormat.At(0, MailboxFormat.Status)));
        Assert.NotEqual(0u, registers.Read32(MailboxFormat.At(1, MailboxFormat.Status)) & MailboxFormat.ErrorEvent);
        Assert.Equal(MailboxFormat.DataEvent, registers.Read32(MailboxFormat.At(0, MailboxFormat.Enable)));
        Assert.NotEqual(0u, registers.Read32(MailboxFormat.At(0, MailboxFormat.Count)));
    }

    private static Guid[] UuidsOf(Guid given)
    {
        using var device = new MmbiDevice(new MmbiDeviceOptions { Instances = 7, Uuid = given, StaticEid = new Eid(20) });
        device.Start();
        return [.. Enumerable.Range(0, 7).Select(k => device.GetEndpoint(k)!.Uuid)];
    }
}
