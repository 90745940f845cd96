// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Devices;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar device</c>: an emulated MMBI device on a vfio-user socket, with an endpoint behind each instance.</summary>
internal sealed class DeviceCommand : BusbarCommand
{
    private const int MostInstances = 7;
    private const int LargestId = 0xFFFE;

    private readonly Option<string> _socket = new("--vfio-user") { Description = "Socket file to create.", HelpName = "SOCKET", Required = true };
    private readonly Option<string?> _profile = OptionKinds.Choice(
        "--profile", $"What the device looks like: {string.Join(", ", DeviceProfile.All)} (busbar).", "PROFILE", [.. DeviceProfile.All.Select(profile => profile.Name)]);

    private readonly Option<int> _instances = OptionKinds.Number("--instances", "MMBI instances, each with an endpoint.", "N", 1, 1, MostInstances);
    private readonly Option<MmbiDialect?> _dialect = OptionKinds.Dialect();
    private readonly Option<int?> _size = OptionKinds.WindowSize("--size", "Bytes of a window (2M).");
    private readonly Option<int> _messages = OptionKinds.Number("--msi", "MSI messages of the ast2700 profiles: 1, 8, 16 or 32; of ast2700-mfd 1 or 32.", "N", 1, 1, 32);
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "EID that instance 0 holds until one is assigned; the next instances hold the next ones.");
    private readonly Option<Guid?> _uuid = new("--uuid") { Description = "UUID of instance 0, the others have their own made from it; a random one if not given.", HelpName = "UUID" };
    private readonly Option<int?> _vendor = Id("--vendor", "PCI vendor ID (the profile's).");
    private readonly Option<int?> _device = Id("--device", "PCI device ID (the profile's).");
    private readonly Option<int?> _subsystemVendor = Id("--subsystem-vendor", "PCI subsystem vendor ID (0).");
    private readonly Option<int?> _subsystemDevice = Id("--subsystem-device", "PCI subsystem ID (0).");
    private readonly Option<bool> _stdin = new("--stdin") { Description = "Take commands from stdin, one a line; its end stops the device." };
    private readonly Option<bool> _json = OptionKinds.Json("Print each event as one JSON line instead of text.");

    public DeviceCommand()
        : base("device", "Emulate an MMBI PCI device on a vfio-user socket, for QEMU's vfio-user-pci. Runs until SIGINT or SIGTERM.")
    {
        Option[] all =
        [
            _socket, _profile, _instances, _dialect, _size, _messages, _eid, _uuid, _vendor, _device, _subsystemVendor, _subsystemDevice, _stdin, _json,
        ];
        foreach (Option option in all) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar device --vfio-user /run/x.sock --instances 3 --eid 20",
        "busbar device --vfio-user /run/x.sock --profile ast2700 --json",
        "qemu-system-x86_64 -machine q35,memory-backend=mem -object memory-backend-memfd,id=mem,size=512M,share=on -m 512M "
            + "-device '{\"driver\":\"vfio-user-pci\",\"rombar\":0,\"socket\":{\"path\":\"/run/x.sock\",\"type\":\"unix\"}}'",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "Commands of --stdin: restart [K] (the processor behind instance K crashes and boots) | reset [K] | stats | quit, each answered by one event; "
            + "crash (the device's own process is gone, as by kill -9, between two accesses of the guest).",
        "Drivers: ast2700 is for aspeed-host-bmc-dev of 2024, ast2700-v1.1 for aspeed-host-pcie-mmbi, ast2700-mfd for the newest aspeed-host-bmc-dev, "
            + "busbar for new and generic ones.",
        "The ast2700 profiles carry that chip's IDs, because its drivers match them; busbar's come from the range for experiments 1af4:10f0 to 10ff.",
    ];

    private static Option<int?> Id(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ID",
        CustomParser = result =>
        {
            if (OptionKinds.TryParseNumber(result.Tokens[0].Value, 0, LargestId, out int value)) return value;
            result.AddError($"{name} {result.Tokens[0].Value}: write a number from 0 to 0x{LargestId:x}");
            return null;
        },
    };

    private int Run(ParseResult parsed)
    {
        using var stop = new StopSignal();
        var writer = new EventWriter(parsed.GetValue(_json));
        using MmbiDevice device = Create(parsed);
        using var watch = new DeviceWatch(device, writer);
        string path = parsed.GetValue(_socket)!;
        device.Start();
        using (var server = new VfioUserServer(device.Function, new VfioUserServerOptions { SocketPath = path }))
        {
            watch.Follow(server);
            writer.Write(new EventLine
            {
                Event = "ready",
                Pid = Environment.ProcessId,
                Profile = device.Profile.Name,
                Instances = device.Instances,
                Dialect = device.Dialect.Name,
                WindowBytes = parsed.GetValue(_size) ?? new MmbiDeviceOptions().WindowSize,
                Uuid = device.GetEndpoint(0)?.Uuid.ToString(),
                Eid = device.GetEndpoint(0)?.Eid.Value,
                Socket = path,
            });
            if (!parsed.GetValue(_json))
            {
                Console.Error.WriteLine("for QEMU 10.1 or later: -machine q35,memory-backend=mem -object memory-backend-memfd,id=mem,size=512M,share=on -m 512M "
                    + $"-device '{{\"driver\":\"vfio-user-pci\",\"rombar\":0,\"socket\":{{\"path\":\"{Path.GetFullPath(path)}\",\"type\":\"unix\"}}}}'");
            }

            if (parsed.GetValue(_stdin)) DeviceConsole.Start(device, server, writer, stop);
            server.Run(stop.Token);
        }

        IReadOnlyList<EventLine> ends = watch.Counters("stopped");
        device.Dispose();
        watch.Dispose();
        foreach (EventLine end in ends) writer.Write(end);
        return ExitCode.Success;
    }

    private MmbiDevice Create(ParseResult parsed)
    {
        if (!DeviceProfile.TryParse(parsed.GetValue(_profile), out DeviceProfile? profile)) profile = DeviceProfile.Busbar;
        try
        {
            return new MmbiDevice(new MmbiDeviceOptions
            {
                Profile = profile,
                Instances = parsed.GetValue(_instances),
                Dialect = parsed.GetValue(_dialect),
                WindowSize = parsed.GetValue(_size) ?? new MmbiDeviceOptions().WindowSize,
                MsiVectors = parsed.GetValue(_messages),
                VendorId = Given(_vendor),
                DeviceId = Given(_device),
                SubsystemVendorId = Given(_subsystemVendor) ?? 0,
                SubsystemId = Given(_subsystemDevice) ?? 0,
                StaticEid = parsed.GetValue(_eid) ?? Eid.Null,
                Uuid = parsed.GetValue(_uuid) ?? Guid.NewGuid(),
            });
        }
        catch (ArgumentException refusal)
        {
            throw new CommandException(ExitCode.Usage, "device: " + refusal.Message.Split(" (Parameter ", 2)[0].TrimEnd('.'), refusal);
        }

        ushort? Given(Option<int?> option) => (ushort?)parsed.GetValue(option);
    }
}
