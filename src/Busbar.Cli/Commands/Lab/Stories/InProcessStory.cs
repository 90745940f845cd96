// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Devices;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>
/// Story 5: the driver against the device model in this very process, with neither a guest nor a kernel in between: three instances on one device, reset from each side, a processor that
/// crashes, and a function-level reset, a device that stops answering.
/// </summary>
internal sealed class InProcessStory : IStory
{
    private const string Driver = "H";
    private const int Instances = 3;
    private const int Count = 20;
    private const int SmallestSwept = 3;
    private const int LargestSwept = 300;
    private const int RandomSizes = 20;

    private static readonly Eid s_driverEid = new(8);
    private static readonly int[] s_sizes = [64, 4096, EchoClient.LargestSize];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public int Number => 5;

    public string Title => "the driver and the device model in one process";

    public bool NeedsGuests => false;

    public IReadOnlyList<StoryRole> Cast => [new(Driver, "driver and device")];

    public void Tell(StoryStage stage)
    {
        using var device = new MmbiDevice(new MmbiDeviceOptions { Instances = Instances });
        var function = new InProcessDevice(device.Function, ownsFunction: false);
        var hosts = new List<EndpointHost>();
        var exercises = new List<LinkExercise>();
        try
        {
            stage.Step("boot the device's endpoints", () =>
            {
                device.Start();
                return $"{Instances} instances, dialect {device.Dialect.Name}";
            });
            stage.Step("probe and join", () => Join(function, hosts, exercises, stage));
            stage.Step("every size on every instance", () => Echo(exercises, stage));
            stage.Step("reset by the driver", () => Each(exercises, (exercise, _) => exercise.ResetFromHere("driver")));
            stage.Step("reset by the endpoint", () => Each(exercises, (exercise, instance) => exercise.Reset("endpoint", () => device.RequestReset(instance))));
            stage.Step("the processors crash and boot", () => Each(exercises, (exercise, instance) => exercise.Reset("restart", () =>
            {
                device.RestartEndpoint(instance);
                return true;
            })));
            stage.Step("function-level reset", () => ResetFunction(device, exercises));
        }
        finally
        {
            foreach (LinkExercise exercise in exercises) exercise.Dispose();
            foreach (EndpointHost host in hosts) host.Dispose();
            if (hosts.Count == 0) function.Dispose();
        }

        stage.Step("the device stops answering, and is back", () => PullOut(device, stage));
    }

    private static string Join(InProcessDevice function, List<EndpointHost> hosts, List<LinkExercise> exercises, StoryStage stage)
    {
        WindowOptions[] options = [.. Enumerable.Range(0, Instances).Select(OptionsOf)];
        foreach (PciAttachment attachment in PciAttachment.OpenAll(function, options, ownsDevice: true))
            hosts.Add(new EndpointHost(attachment, new EndpointOptions { StaticEid = s_driverEid }));
        foreach (EndpointHost host in hosts)
        {
            if (!host.Node.WaitUntilUp(host.Attachment, s_patience)) throw new CommandException(ExitCode.Negative, $"{host.Attachment.Description} does not come up");
            var exercise = new LinkExercise(host, new LinkExerciseOptions { Assign = new Eid((byte)(9 + exercises.Count)), StepLimit = s_patience }, stage.Stop);
            exercises.Add(exercise);
            exercise.Meet();
        }

        return hosts[0].Attachment.Description;
    }

    private static string Echo(List<LinkExercise> exercises, StoryStage stage)
    {
        long messages = 0;
        Each(exercises, (exercise, _) =>
        {
            foreach (int size in s_sizes) messages += exercise.Echo(size, Count).Intact;
            messages += exercise.Sweep(SmallestSwept, LargestSwept).Intact;
            messages += exercise.EchoRandomSizes(RandomSizes).Intact;
        });
        stage.CountMessages(messages);
        return $"{messages} messages there and back, every byte right";
    }

    // What a driver does when somebody else resets the function: it finds its enables gone and writes them again.
    private static string? ResetFunction(MmbiDevice device, List<LinkExercise> exercises) => Each(exercises, (exercise, instance) =>
    {
        exercise.Reset("function", () =>
        {
            device.Mailbox!.Reset();
            device.HostVanished();
            return true;
        });
    });

    // A device whose processor dies, or that is pulled out: its registers read as ones. The driver looks four times a second.
    private static string PullOut(MmbiDevice device, StoryStage stage)
    {
        var function = new PullableFunction(device.Function);
        using var slot = new InProcessDevice(function, ownsFunction: false);
        PciAttachment link = PciAttachment.Open(slot, OptionsOf(0));
        using var host = new EndpointHost(link, new EndpointOptions { StaticEid = s_driverEid });
        using var exercise = new LinkExercise(host, new LinkExerciseOptions { Assign = new Eid(9), StepLimit = s_patience }, stage.Stop);
        if (!host.Node.WaitUntilUp(link, s_patience)) throw new CommandException(ExitCode.Negative, $"{link.Description} does not come up");
        exercise.Meet();

        long start = Stopwatch.GetTimestamp();
        function.IsOut = true;
        if (!host.Node.WaitFor(() => link.IsGone && !link.Link.IsUp, s_patience)) throw new CommandException(ExitCode.Negative, "the driver did not notice that the device is dead");
        TimeSpan noticed = Stopwatch.GetElapsedTime(start);
        stage.Measure("dead_device_noticed", noticed);

        function.IsOut = false;
        if (!host.Node.WaitUntilUp(link, s_patience)) throw new CommandException(ExitCode.Negative, "the link did not come back with the device");
        stage.CountMessages(exercise.Echo(s_sizes[0], Count).Intact);
        if (exercise.Failures.Count != 0) throw new CommandException(ExitCode.Negative, string.Join("; ", exercise.Failures));
        return $"dead link after {noticed.TotalMilliseconds:0} ms, and up again";
    }

    private static WindowOptions OptionsOf(int instance) => new()
    {
        Name = $"mmbi{instance}",
        Text = $"instance {instance}",
        Role = MmbiRole.Discoverer,
        Instance = instance,
    };

    private static string? Each(List<LinkExercise> exercises, Action<LinkExercise, int> act)
    {
        for (int instance = 0; instance < exercises.Count; instance++) act(exercises[instance], instance);
        string[] failures = [.. exercises.SelectMany(exercise => exercise.Failures)];
        return failures.Length == 0 ? null : throw new CommandException(ExitCode.Negative, string.Join("; ", failures));
    }
}
