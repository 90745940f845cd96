// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices.Tests;

/// <summary>An emulated device and our driver on it, in one process: an endpoint host and an exercise for each instance.</summary>
internal sealed class DriverRig : IDisposable
{
    private const byte FirstEid = 20;
    private const byte DriverEid = 8;

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly InProcessDevice _slot;

    public DriverRig(MmbiDeviceOptions options, bool canBePulled = false)
    {
        Device = new MmbiDevice(options with { StaticEid = new Eid(FirstEid) });
        Device.Start();
        Pull = canBePulled ? new PullableFunction(Device.Function) : null;
        _slot = new InProcessDevice((IPciFunction?)Pull ?? Device.Function);
        Links = PciAttachment.OpenAll(_slot, [.. Enumerable.Range(0, options.Instances).Select(Options)]);
        Hosts = [.. Links.Select(static link => new EndpointHost(link, new EndpointOptions { StaticEid = new Eid(DriverEid) }))];
        Exercises = [.. Hosts.Select(static host => new LinkExercise(host, new LinkExerciseOptions { StepLimit = Limit, AnswerLimit = Limit }))];
    }

    public MmbiDevice Device { get; }

    public PullableFunction? Pull { get; }

    public IReadOnlyList<PciAttachment> Links { get; }

    public IReadOnlyList<EndpointHost> Hosts { get; }

    public IReadOnlyList<LinkExercise> Exercises { get; }

    public bool IsUp(int instance) => Hosts[instance].Node.WaitUntilUp(Links[instance], Limit);

    /// <summary>
    /// A function-level reset as an operating system does it for a driver that does not know: what it had set up in configuration space and in
    /// the MSI-X table is put back; what lies behind the other windows is not.
    /// </summary>
    public void ResetFunction()
    {
        PciFunction function = Device.Function;
        byte[] config = new byte[256];
        byte[] table = new byte[16 * Device.Instances];
        function.ReadConfig(0, config);
        if (Device.Mailbox is not null) function.ReadBar(4, 0, table);
        function.Reset();
        if (Device.Mailbox is not null)
        {
            for (int at = 0; at < table.Length; at += 4) function.WriteBar(4, at, table.AsSpan(at, 4));
        }

        // From behind, so that the command register and with it the interrupts come after the addresses, each capability's control after its fields.
        for (int at = config.Length - 4; at >= 4; at -= 4)
        {
            // Status bits would be cleared by what they are; the reset bit of the Express capability must not be written back.
            if (at == PciConfigRegisters.Command) function.WriteConfig(at, config.AsSpan(at, 2));
            else function.WriteConfig(at, config.AsSpan(at, 4));
        }
    }

    public void Dispose()
    {
        foreach (LinkExercise exercise in Exercises) exercise.Dispose();
        foreach (EndpointHost host in Hosts) host.Dispose();
        _slot.Dispose();
        Device.Dispose();
    }

    private static WindowOptions Options(int instance) => new()
    {
        Name = $"mmbi{instance}",
        Text = $"driver of instance {instance}",
        Role = MmbiRole.Discoverer,
        Instance = instance,
        Wait = WaitStrategy.Block,
    };
}
