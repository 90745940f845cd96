// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Guest;

namespace Busbar.Cli;

/// <summary>
/// Story 3: a guest's driver and an emulated device over vfio-user, three instances at once, interrupts by MSI-X behind an IOMMU; the endpoints
/// behind the device restart. Then a guest without IOMMU, whose QEMU survives the end of the device's process: its driver has to notice.
/// </summary>
internal sealed class VfioUserDeviceStory : IStory
{
    private const string Driver = "A";
    private const string Second = "B";
    private const string Device = "D";
    private const int Instances = 3;

    // Long enough to do something between two requests.
    private const double QuietSeconds = 2;

    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_exercise = TimeSpan.FromMinutes(5);

    public int Number => 3;

    public string Title => "a guest's driver and an emulated device over vfio-user";

    public bool NeedsGuests => true;

    public IReadOnlyList<StoryRole> Cast => [new(Driver, "guest with IOMMU"), new(Second, "guest without IOMMU"), new(Device, "device process")];

    public void Tell(StoryStage stage)
    {
        string socket = stage.PathOf("d");
        StoryProgram? device = null;
        stage.Step("start the device", () =>
        {
            device = stage.Start(Device, "device", "--vfio-user", socket, "--profile", "busbar", "--instances", $"{Instances}", "--stdin");
            device.Expect("ready", s_step);
            return null;
        });
        BehindIommu(stage, socket, device!);
        WithoutIommu(stage, socket, device!);
    }

    private static void BehindIommu(StoryStage stage, string socket, StoryProgram device)
    {
        GuestMachine? guest = null;
        stage.Step("boot a guest with an IOMMU", () =>
        {
            guest = stage.Boot((Driver, VfioUserGuest.Options(socket, iommu: true)))[0];
            return null;
        });
        stage.Step($"bind the device in {Driver}", () => PciInGuest.Bind(stage, guest!, Driver, VfioUserGuest.Address, noIommu: false));
        string[] links = [.. Enumerable.Range(0, Instances).Select(LinkOf)];
        stage.Step(
            $"discover, echo all sizes, reset by {Driver}, {Instances} instances at once",
            () => stage.Exercise(guest!, Driver, links, "--quick --timeout 30", s_exercise));
        StoryTraffic? traffic = null;
        stage.Step("keep messages going on all instances", () =>
        {
            traffic = new StoryTraffic(stage, guest!, Driver, links);
            return null;
        });
        stage.Step("interrupts come by MSI-X", () => Interrupts(stage, guest!));
        stage.Step("reset by the endpoint of instance 1", () => traffic!.Survive(() => device.Command("reset 1"), links[1]));
        for (int i = 0; i < Instances; i++)
        {
            string command = $"restart {i}";
            string link = links[i];
            stage.Step($"restart the endpoint of instance {i}", () => traffic!.Survive(() => device.Command(command), link));
        }

        stage.Step("no instance disturbed another", () =>
        {
            int[] downs = [.. links.Select(link => traffic!.Count("link_down", link))];
            return downs is [1, 2, 1] ? null : throw new CommandException(ExitCode.Negative, $"links went down {string.Join(", ", downs)} times instead of 1, 2, 1");
        });
        stage.Step("leave in order", () => traffic!.Stop());
        stage.Step("end the guest", () =>
        {
            guest!.Kill();
            device.Expect("client_disconnected", s_step);
            return null;
        });
    }

    private static void WithoutIommu(StoryStage stage, string socket, StoryProgram device)
    {
        GuestMachine? guest = null;
        stage.Step("boot a guest without IOMMU", () =>
        {
            guest = stage.Boot((Second, VfioUserGuest.Options(socket, iommu: false)))[0];
            return null;
        });
        stage.Step($"bind the device in {Second}", () => PciInGuest.Bind(stage, guest!, Second, VfioUserGuest.Address));
        StoryTraffic? traffic = null;
        stage.Step("keep messages going", () =>
        {
            traffic = new StoryTraffic(stage, guest!, Second, [LinkOf(0)], QuietSeconds);
            return null;
        });
        stage.Step("kill the device's process", () =>
        {
            // QEMU 11.1.3 aborts when the process ends while one of the guest's register accesses waits for its answer. So the guest stands still for that
            // moment, and time counts from where it goes on.
            guest!.Monitor.Execute("stop", null, s_step);
            device.Command("crash");
            device.WaitForExit(s_step);
            (TimeSpan took, EventLine down) = traffic!.Lose(() => guest.Monitor.Execute("cont", null, s_step), LinkOf(0));
            stage.Measure("dead_device_noticed", took);
            return $"noticed after {took.TotalMilliseconds:0} ms ({(down.Reason ?? "no reason").Replace('_', ' ')})";
        });
        stage.Step("nothing hangs", () =>
        {
            traffic!.Expect("lost", LinkOf(0), traffic.Count("lost", LinkOf(0)));
            stage.Run(guest!, Second, "echo the guest goes on").Check();
            return traffic.StopWithoutWaiting();
        });
    }

    private static string LinkOf(int instance) => $"mmbi:pci:{VfioUserGuest.Address},instance={instance}";

    // The kernel counts what it took, per vector; a driver that merely polled would leave them at 0.
    private static string Interrupts(StoryStage stage, GuestMachine guest)
    {
        GuestResult result = stage.Run(guest, Driver, $"grep 'vfio-msix.*{VfioUserGuest.Address}' /proc/interrupts").Check();
        long total = 0;
        foreach (string line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1))
            {
                if (!long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out long count)) break;
                total += count;
            }
        }

        return total > 0 ? $"{total} taken" : throw new CommandException(ExitCode.Negative, "the kernel counted no MSI-X interrupt of the device");
    }
}
