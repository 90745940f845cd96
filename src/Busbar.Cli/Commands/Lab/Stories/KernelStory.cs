// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Guest;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>
/// Story 4: the guest's own kernel speaks MCTP with the endpoint behind the emulated device: <c>busbar attach</c> gives it a network interface whose
/// packets travel over the device, and plain AF_MCTP sockets reach the endpoint.
/// </summary>
internal sealed class KernelStory : IStory
{
    private const string Guest = "A";
    private const string Device = "D";
    private const string Interface = "mctpmmbi0";
    private const int Eid = 9;
    private const int LargestMessage = 65_535;

    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(120);

    public int Number => 4;

    public string Title => "a guest's kernel, through an emulated device, and an endpoint";

    public bool NeedsGuests => true;

    public IReadOnlyList<StoryRole> Cast => [new(Guest, "guest, its kernel's AF_MCTP"), new(Device, "device process")];

    public void Tell(StoryStage stage)
    {
        string socket = stage.PathOf("d");
        StoryProgram? device = null;
        stage.Step("start the device", () =>
        {
            device = stage.Start(Device, "device", "--vfio-user", socket, "--profile", "busbar", "--stdin");
            device.Expect("ready", s_step);
            return null;
        });
        GuestMachine? guest = null;
        stage.Step("boot a guest with an IOMMU", () =>
        {
            guest = stage.Boot((Guest, VfioUserGuest.Options(socket, iommu: true)))[0];
            return null;
        });
        stage.Step($"bind the device in {Guest}", () => PciInGuest.Bind(stage, guest!, Guest, VfioUserGuest.Address, noIommu: false));
        StoryProgram? attach = null;
        stage.Step("attach the kernel", () =>
        {
            attach = stage.Start(guest!, Guest, $"attach --link mmbi:pci:{VfioUserGuest.Address} --kernel {Interface} --assign {Eid} --timeout 30");
            attach.Expect("link_up", s_step);
            return null;
        });
        stage.Step("the kernel's socket asks who is there", () => Discover(stage, guest!));
        stage.Step($"{LargestMessage} bytes there and back through the kernel", () => Ping(stage, guest!));
        stage.Step("leave in order", () =>
        {
            attach!.Signal(Signal.Terminate);
            int code = attach.WaitForExit(s_step);
            if (code != ExitCode.Success) throw new CommandException(ExitCode.Negative, $"attach ended with {code}");
            GuestResult left = stage.Run(guest!, Guest, $"ip link show {Interface}");
            return left.ExitCode == 0 ? throw new CommandException(ExitCode.Negative, $"{Interface} is still there") : null;
        });
    }

    private static string Discover(StoryStage stage, GuestMachine guest)
    {
        GuestResult result = stage.Run(guest, Guest, $"busbar discover --kernel --eid {Eid} --json", s_step).Check();
        using var report = JsonDocument.Parse(result.Output);
        int eid = report.RootElement.GetProperty("eid").GetInt32();
        if (eid != Eid) throw new CommandException(ExitCode.Negative, $"Get Endpoint ID says {eid} instead of {Eid}");
        return $"EID {eid}, UUID {report.RootElement.GetProperty("uuid").GetString()}";
    }

    private static string Ping(StoryStage stage, GuestMachine guest)
    {
        const int Count = 10;
        GuestResult result = stage.Run(guest, Guest, $"busbar ping --kernel --eid {Eid} --size {LargestMessage} -c {Count} -i 0 --timeout 30 --json", s_step).Check();
        using var report = JsonDocument.Parse(result.Output);
        int received = report.RootElement.GetProperty("received").GetInt32();
        if (received != Count) throw new CommandException(ExitCode.Negative, $"{received} of {Count} messages came back");
        stage.CountMessages(received);
        return $"{received} of {Count}, p50 {report.RootElement.GetProperty("p50_us").GetDouble():0} us";
    }
}
