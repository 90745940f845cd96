// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Fuzz;

/// <summary>Everything in the product that reads foreign bytes.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new PacketTarget(),
        new ForwardTarget(),
        ServiceTarget.Control(),
        ServiceTarget.Vendor(),
        new ControlDataTarget(),
        new ControlAnswerTarget(),
        new SockaddrTarget(),
        new DescriptorTarget(),
        new HeaderTarget(),
        new ChannelTarget(),
        new RendezvousTarget(),
        new IvshmemClientTarget(),
        new IvshmemServerTarget(),
        new VfioUserServerTarget(),
        new VfioUserClientTarget(),
        new LinkTextTarget(),
        new ConfigurationTarget(),
        new DaemonClientTarget(),
        new SerialLineTarget(),
        new DevelopmentLinkTarget(),
        new AstlpcWindowTarget(),
        new UsbTransferTarget(),
        new FunctionTarget(),
        new DeviceTarget(),
        new HostileDeviceTarget(),
        new ConfigSpaceTarget(),
        new HostileFunctionTarget(),
    ];

    /// <summary>Finds a target by its name.</summary>
    /// <param name="name">As in <see cref="IFuzzTarget.Name"/>.</param>
    public static IFuzzTarget Find(string name) =>
        All.FirstOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"there is no target '{name}'; there are {string.Join(", ", All.Select(target => target.Name))}", nameof(name));
}
