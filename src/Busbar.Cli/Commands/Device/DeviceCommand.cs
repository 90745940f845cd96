// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Busbar.Devices;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar device</c>: an MMBI endpoint device for QEMU, with endpoints behind it, until told to stop.</summary>
internal sealed class DeviceCommand : BusbarCommand
{
    private readonly Option<string> _socket = new("--vfio-user") { Description = "UNIX socket to serve; QEMU connects to it when it starts.", HelpName = "SOCKET", Required = true };
    private readonly Option<string?> _profile = OptionKinds.Choice("--profile", "What the guest sees: busbar (default), ast2700 or ast2700-v1.1.", "PROFILE", "busbar", "ast2700", "ast2700-v1.1");
    private readonly Option<int> _instances = OptionKinds.Number("--instances", "Instances, each with an endpoint of its own: 1 to 7 (ast2700: to 6).", "N", 1, 1, 7);
    private readonly Option<MmbiDialect?> _dialect = OptionKinds.Dialect();
    private readonly Option<int?> _size = OptionKinds.WindowSize("--size", "Bytes of each window (2M).");
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "EID of the first endpoint until a bus owner assigns another; the next ones follow.");
    private readonly Option<Guid?> _uuid = OptionKinds.Uuid();
    private readonly Option<ushort?> _vendor = Identifier("--vendor", "PCI vendor ID, hexadecimal.");
    private readonly Option<ushort?> _device = Identifier("--device", "PCI device ID.");
    private readonly Option<ushort?> _subsystemVendor = Identifier("--subsystem-vendor", "PCI subsystem vendor ID.");
    private readonly Option<ushort?> _subsystemDevice = Identifier("--subsystem-device", "PCI subsystem ID.");
    private readonly Option<bool> _stdin = new("--stdin") { Description = "Take commands from stdin, one a line; its end stops the device." };
    private readonly Option<bool> _json = OptionKinds.Json("Print each event as one JSON line instead of text.");

    public DeviceCommand()
        : base("device", "Show an MMBI endpoint device to a guest in QEMU over vfio-user. Runs until SIGINT or SIGTERM.")
    {
        foreach (Option option in (Option[])[_socket, _profile, _instances, _dialect, _size, _eid, _uuid, _vendor, _device, _subsystemVendor, _subsystemDevice, _stdin, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar device --vfio-user /tmp/dev.sock",
        "busbar device --vfio-user /tmp/dev.sock --instances 3 --stdin --json",
        "busbar device --vfio-user /tmp/dev.sock --profile ast2700",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "QEMU 10.1 or newer: -machine q35,memory-backend=mem -object memory-backend-memfd,id=mem,size=512M,share=on -m 512M",
        "  -device '{\"driver\":\"vfio-user-pci\",\"rombar\":0,\"socket\":{\"path\":\"/tmp/dev.sock\",\"type\":\"unix\"}}'",
        "Commands of --stdin: restart [K] (the processor behind instance K crashes and boots) | reset [K] | stats [K] | quit.",
        "The IDs default to fffe:b0b0, which belongs to nobody; the ast2700 profiles imitate 1a03:2402, because their drivers match it.",
    ];

    private int Run(ParseResult parsed)
    {
        using var stop = new StopSignal();
        var writer = new EventWriter(parsed.GetValue(_json));
        ResourceLimits.RaiseOpenFiles();
        MmbiDeviceOptions options = Describe(parsed);
        using var device = new MmbiDevice(options);
        using var session = new DeviceSession(device, writer);
        using var server = new VfioUserServer(device.Function, new VfioUserServerOptions { SocketPath = parsed.GetValue(_socket)! });
        session.Watch(server);
        server.Start();
        writer.Write(new EventLine
        {
            Event = "ready",
            Pid = Environment.ProcessId,
            Socket = server.SocketPath,
            Profile = parsed.GetValue(_profile) ?? "busbar",
            Instances = device.Instances,
            WindowBytes = options.WindowSize,
            Uuid = device.Endpoint(0).Uuid.ToString(),
            Eid = device.Endpoint(0).Eid.Value,
        });
        if (parsed.GetValue(_stdin)) DeviceConsole.Start(device, writer, stop);
        stop.Token.WaitHandle.WaitOne();
        CounterReport counters = session.Counters(0);
        server.Dispose();
        device.Dispose();
        session.Dispose();
        writer.Write(new EventLine { Event = "stopped", Counters = counters });
        return ExitCode.Success;
    }

    private MmbiDeviceOptions Describe(ParseResult parsed)
    {
        DeviceProfile profile = parsed.GetValue(_profile) switch
        {
            "ast2700" => DeviceProfile.Ast2700,
            "ast2700-v1.1" => DeviceProfile.Ast2700V11,
            _ => DeviceProfile.Busbar,
        };
        DeviceIdentity usual = DeviceIdentity.Of(profile);
        return new MmbiDeviceOptions
        {
            Profile = profile,
            Instances = parsed.GetValue(_instances),
            Dialect = parsed.GetValue(_dialect),
            WindowSize = parsed.GetValue(_size) ?? MmbiDeviceOptions.DefaultWindowSize,
            StaticEid = parsed.GetValue(_eid) ?? Eid.Null,
            Uuid = parsed.GetValue(_uuid),
            Identity = new DeviceIdentity(
                parsed.GetValue(_vendor) ?? usual.VendorId,
                parsed.GetValue(_device) ?? usual.DeviceId,
                parsed.GetValue(_subsystemVendor) ?? usual.SubsystemVendorId,
                parsed.GetValue(_subsystemDevice) ?? usual.SubsystemId),
        };
    }

    private static Option<ushort?> Identifier(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ID",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
            if (ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort value) && value != ushort.MaxValue) return value;
            result.AddError($"{name} {text}: write a hexadecimal number from 0 to fffe");
            return null;
        },
    };
}
