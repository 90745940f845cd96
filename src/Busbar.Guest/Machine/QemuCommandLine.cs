// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Guest;

/// <summary>How QEMU is called for a guest.</summary>
internal static class QemuCommandLine
{
    /// <summary>The name by which init knows the agent's port.</summary>
    private const string AgentPort = "busbar.agent";

    /// <summary>The arguments.</summary>
    /// <param name="options">What the guest is to be like.</param>
    /// <param name="image">What it is made of.</param>
    /// <param name="agentSocket">UNIX socket where the harness listens for the agent's port.</param>
    /// <param name="monitorSocket">UNIX socket where the harness listens for the monitor.</param>
    /// <param name="endsWithParent">Whether this QEMU knows how to end with its parent.</param>
    public static List<string> Build(GuestOptions options, GuestImage image, string agentSocket, string monitorSocket, bool endsWithParent)
    {
        string machine = $"{options.Machine},memory-backend=ram";
        if (options.Machine == "q35") machine += ",sata=off,smbus=off";
        if (options.Iommu) machine += ",kernel-irqchip=split";
        List<string> arguments =
        [
            "-name", options.Name, "-accel", "tcg", "-cpu", "max", "-smp", $"{options.Processors}", "-m", $"{options.MemoryMiB}",
            "-object", $"memory-backend-memfd,id=ram,size={options.MemoryMiB}M,share=on", "-machine", machine,
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", image.Kernel, "-initrd", image.Initramfs, "-append", KernelCommandLine(options),
        ];
        if (endsWithParent) arguments.AddRange(["-run-with", "exit-with-parent=on"]);

        // Before all devices, so that it is theirs.
        if (options.Iommu) arguments.AddRange(["-device", "intel-iommu,intremap=on,caching-mode=on"]);
        arguments.AddRange(
        [
            "-serial", "stdio",
            "-chardev", $"socket,id=monitor,path={monitorSocket}", "-qmp", "chardev:monitor",
            "-chardev", $"socket,id=agent,path={agentSocket}",
            "-device", "virtio-serial-pci,id=agentbus,addr=0x1d,max_ports=2",
            "-device", $"virtserialport,bus=agentbus.0,chardev=agent,name={AgentPort}",
        ]);
        arguments.AddRange(options.QemuArguments);
        return arguments;
    }

    private static string KernelCommandLine(GuestOptions options)
    {
        List<string> words = ["console=ttyS0", "quiet", "panic=-1", "no_timer_check", "tsc=nowatchdog", $"busbar.hostname={options.Name}"];
        if (options.Iommu) words.Add("intel_iommu=on");
        words.AddRange(options.KernelArguments);
        return string.Join(' ', words);
    }
}
