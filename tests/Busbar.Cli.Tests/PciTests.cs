// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary><c>busbar pci</c> on a folder laid out like /sys; what needs a kernel that reacts is tried in guests.</summary>
public sealed class PciTests : IDisposable
{
    private const int Conventional = 256;

    private readonly Place _place = new();

    public void Dispose() => _place.Dispose();

    private string Sysfs => _place.File("sys");

    [Fact]
    public void List_OfATree_ShowsWhatBusbarCanDrive()
    {
        Add("0000:00:03.0", "0x8086", "0x100e", "0x020000");
        Add("0000:00:04.0", "0x1af4", "0x1110", "0x050000");
        Add("0000:00:05.0", "0x1234", "0x0001", "0x0c0c00");

        ProgramResult own = BusbarProgram.Run("pci", "list", "--sysfs", Sysfs, "--json");
        ProgramResult all = BusbarProgram.Run("pci", "list", "--all", "--sysfs", Sysfs);

        Assert.Equal(
            [("0000:00:04.0", "ivshmem", "sysfs"), ("0000:00:05.0", "MMBI", "sysfs")],
            own.Json.GetProperty("devices").EnumerateArray().Select(row => (Text(row, "address"), Text(row, "kind"), Text(row, "access"))));
        Assert.Contains("8086:100e", all.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void List_OfNothing_IsANegativeVerdict()
    {
        Directory.CreateDirectory(Sysfs);

        Assert.Equal(1, BusbarProgram.Run("pci", "list", "--sysfs", Sysfs).ExitCode);
    }

    [Fact]
    public void Show_OfAFunction_DecodesItsCapabilities()
    {
        byte[] config = new byte[Conventional];
        (config[0], config[1], config[2], config[3], config[6], config[0x34]) = (0xF4, 0x1A, 0x10, 0x11, 0x10, 0x40);
        (config[0x40], config[0x42], config[0x44], config[0x48]) = (0x11, 3, 1, 1);
        Add("0000:00:04.0", "0x1af4", "0x1110", "0x050000", config);

        ProgramResult json = BusbarProgram.Run("pci", "show", "00:04.0", "--sysfs", Sysfs, "--json");
        ProgramResult dump = BusbarProgram.Run("pci", "show", "0000:00:04.0", "-x", "--sysfs", Sysfs);

        JsonElement capability = Assert.Single(json.Json.GetProperty("capabilities").EnumerateArray());
        Assert.Equal((0, "0x11", "msix"), (json.ExitCode, Text(capability, "id"), Text(capability, "name")));
        Assert.Contains("4 vectors, table BAR 1", Text(capability, "details"), StringComparison.Ordinal);
        Assert.Contains("000: f4 1a 10 11", dump.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_OfABrokenList_SaysHow()
    {
        byte[] config = new byte[Conventional];
        (config[0], config[6], config[0x34], config[0x40], config[0x41]) = (1, 0x10, 0x40, 1, 0x40);
        Add("0000:00:04.0", "0x1af4", "0x1110", "0x050000", config);

        ProgramResult result = BusbarProgram.Run("pci", "show", "00:04.0", "--sysfs", Sysfs);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("loops back to 0x40", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x100, 0x0000_0001u, 0x0000_0801u, 1, "msix table: BAR 1 + 0x0")]
    [InlineData(0x7FF, 0x0000_0003u, 0x0000_0801u, 1, "msix table: BAR 3 + 0x0")]
    [InlineData(0x003, 0x0000_0001u, 0xFFFF_FFF9u, 1, "msix pending bits: BAR 1 + 0xfffffff8")]
    [InlineData(0x07F, 0x0000_0001u, 0x0000_0FF1u, 0, null)]
    public void Show_OfATableOutsideItsBar_TellsIt(int vectorsLessOne, uint table, uint pending, int faults, string? fault)
    {
        byte[] config = new byte[Conventional];
        (config[0], config[6], config[0x34], config[0x40]) = (1, 0x10, 0x40, 0x11);
        BitConverter.TryWriteBytes(config.AsSpan(0x42), (ushort)vectorsLessOne);
        BitConverter.TryWriteBytes(config.AsSpan(0x44), table);
        BitConverter.TryWriteBytes(config.AsSpan(0x48), pending);
        Add("0000:00:04.0", "0x1af4", "0x1110", "0x050000", config);
        File.WriteAllText(Path.Combine(Sysfs, "bus/pci/devices/0000:00:04.0/resource"), "0x0 0x0 0x0\n0xfe000000 0xfe000fff 0x40200\n");

        ProgramResult result = BusbarProgram.Run("pci", "show", "00:04.0", "--sysfs", Sysfs, "--json");

        Assert.Equal((faults == 0 ? 0 : 1, faults), (result.ExitCode, result.Json.GetProperty("faults").GetArrayLength()));
        if (fault is not null) Assert.Contains(fault, Text(result.Json.GetProperty("faults")[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "no PCI function", "pci", "show", "00:1f.7")]
    [InlineData(2, "is no PCI address", "pci", "show", "zz:00.0")]
    [InlineData(5, "modprobe vfio-pci", "pci", "bind", "00:04.0")]
    [InlineData(2, "is no PCI address", "pci", "read", "4", "0", "0")]
    [InlineData(2, "BAR 6", "pci", "read", "00:04.0", "6", "0")]
    [InlineData(2, "use 8, 16, 32 or 64", "pci", "read", "00:04.0", "0", "0", "--width", "24")]
    [InlineData(2, "is no value of 8 bits", "pci", "write", "00:04.0", "0", "0", "256", "--width", "8")]
    [InlineData(2, "BAR:OFFSET=VALUE", "pci", "irq", "00:04.0", "--write", "0:1=1")]
    public void Commands_WithWrongWords_SaySoInOneLine(int exitCode, string expected, params string[] words)
    {
        Add("0000:00:04.0", "0x1af4", "0x1110", "0x050000");
        bool knowsSysfs = words[1] is "show" or "bind";

        ProgramResult result = BusbarProgram.Run(knowsSysfs ? [.. words, "--sysfs", Sysfs] : words);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    private static string Text(JsonElement row) => row.GetString()!;

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private void Add(string address, string vendor, string device, string classCode, byte[]? config = null)
    {
        string folder = Path.Combine(Sysfs, "bus/pci/devices", address);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "vendor"), vendor + "\n");
        File.WriteAllText(Path.Combine(folder, "device"), device + "\n");
        File.WriteAllText(Path.Combine(folder, "class"), classCode + "\n");
        File.WriteAllBytes(Path.Combine(folder, "config"), config ?? new byte[Conventional]);
    }
}
