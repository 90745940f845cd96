// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Guest;
using Busbar.Memory;
using Busbar.Pci;
using Busbar.Pci.Tests;
using Xunit;

namespace Busbar.Vm;

/// <summary>A function behind our vfio-user server, in guests of QEMU's vfio-user-pci: found, read, written, mapped, interrupting, and outliving QEMU.</summary>
[Trait("speed", "slow")]
public sealed class VfioUserTests : IDisposable
{
    private const string Address = "0000:00:04.0";
    private const string Folder = "/sys/bus/pci/devices/" + Address;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bb-");
    private readonly VfioUserTestFunction _function = new();
    private readonly VfioUserServer _server;
    private readonly List<VfioUserRefusedMessage> _refused = [];

    public VfioUserTests()
    {
        _server = new VfioUserServer(_function, new VfioUserServerOptions { SocketPath = Path.Combine(_folder.FullName, "v") });
        _server.MessageRefused += message =>
        {
            lock (_refused) _refused.Add(message);
        };
        _server.Start();
    }

    [Fact]
    public void Function_InAGuest_IsFoundReachedAndOutlivesTheGuest()
    {
        using GuestMachine guest = Boot("vfio-user", iommu: false);
        Assert.Equal("0x1234\n0x5678\n0xff0000\n", Run(guest, $"cd {Folder}; cat vendor device class"));
        Run(guest, $"echo 1 > {Folder}/enable");
        string registers = Window(guest, 0);
        string memory = Window(guest, 2);

        // Registers trap, with their widths.
        Assert.Equal(VfioUserTestFunction.Identity, Peek(guest, registers, 0));
        Poke(guest, registers, VfioUserTestFunction.ScratchRegister, 0x12345678);
        Assert.Equal(0x12345678u, Peek(guest, registers, VfioUserTestFunction.ScratchRegister));
        Assert.Equal("0x56", Run(guest, $"busybox devmem $(({registers}+5)) 8").Trim());

        // The window is the same memory on both sides, and an access to its mappable part does not pass us.
        int before = _function.Accesses;
        Poke(guest, memory, 0x4000, 0xCAFEF00D);
        _function.Window.Write32(0x4004, 0x0BADCAFE);
        Assert.Equal(0xCAFEF00Du, _function.Window.Read32(0x4000));
        Assert.Equal(0x0BADCAFEu, Peek(guest, memory, 0x4004));
        Assert.Equal(before, _function.Accesses);

        // Its other pages trap.
        Poke(guest, memory, 0x2000, 0x00C0FFEE);
        Assert.Equal(0x00C0FFEEu, Peek(guest, memory, 0x2000));
        Assert.Equal(0x00C0FFEEu, _function.Window.Read32(0x2000));
        Assert.Equal(before + 2, _function.Accesses);

        // The guest's memory is mapped here: whatever it holds, reading it works.
        Assert.True(_server.MappedBytes >= 512L << 20);
        Assert.True(_function.Host!.TryReadDma(0x10_0000, new byte[4096]));
        AssertNothingRefused();

        guest.Kill();

        Assert.True(SpinWait.SpinUntil(() => !_server.IsConnected && _server.DmaMaps == 0, Guests.CommandLimit), "the server notices that QEMU is gone");
        using VfioUserClient next = VfioUserClient.Connect(_server.SocketPath, 10_000);
        using SharedRegion again = next.MapBar(0, RegionAccess.Mmio);
        Assert.Equal(0x12345678u, again.Read32(VfioUserTestFunction.ScratchRegister));
    }

    [Fact]
    public void Function_BehindAnIommu_InterruptsADriverOfTheGuest()
    {
        using GuestMachine guest = Boot("vfio-user-iommu", iommu: true);
        Run(guest, $"busbar pci bind {Address}");

        for (int vector = 0; vector < VfioUserTestFunction.Vectors; vector += 3)
        {
            string write = string.Create(CultureInfo.InvariantCulture, $"0:0x8={vector}");
            string output = Run(guest, $"busbar pci irq {Address} --kind msix --vectors 4 --write {write} --count 1 --timeout 30 --json");
            Assert.Contains("\"stopped\"", output, StringComparison.Ordinal);
        }

        Assert.Equal(2, _server.Statistics.InterruptsSent);
        Run(guest, $"busbar pci irq {Address} --kind intx --vectors 1 --write 0:0xc=1 --ack 0:0xc=0 --count 1 --timeout 30");
        Assert.True(_server.Statistics.InterruptsSent > 2);
        AssertNothingRefused();
    }

    public void Dispose()
    {
        _server.Dispose();
        _function.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Run(GuestMachine guest, string command) => guest.Run(command, Guests.CommandLimit).Check().Output;

    private static string Window(GuestMachine guest, int bar) => Run(guest, $"sed -n {bar + 1}p {Folder}/resource | cut -d' ' -f1").Trim();

    private static uint Peek(GuestMachine guest, string window, int offset) =>
        Convert.ToUInt32(Run(guest, $"busybox devmem $(({window}+{offset})) 32").Trim(), 16);

    private static void Poke(GuestMachine guest, string window, int offset, uint value) =>
        Run(guest, $"busybox devmem $(({window}+{offset})) 32 0x{value:x8}");

    private GuestMachine Boot(string name, bool iommu)
    {
        string device = "{\"driver\":\"vfio-user-pci\",\"rombar\":0,\"addr\":\"4\",\"socket\":{\"type\":\"unix\",\"path\":\"" + _server.SocketPath + "\"}}";
        return Guests.Boot(new GuestOptions { Name = name, Iommu = iommu, QemuArguments = ["-device", device] });
    }

    // QEMU asks for nothing that this server refuses, except what it does without: device features.
    private void AssertNothingRefused()
    {
        lock (_refused) Assert.DoesNotContain(_refused, message => message.Reason != VfioUserRefusal.NotSupported);
    }
}
