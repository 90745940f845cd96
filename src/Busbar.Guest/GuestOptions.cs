// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Guest;

/// <summary>What a guest is to be like.</summary>
public sealed record GuestOptions
{
    /// <summary>Host name in the guest, and the name in messages; letters, digits and '-'.</summary>
    public string Name { get; init; } = "guest";

    /// <summary>What it is made of; <see cref="GuestImage.Locate"/> if not given.</summary>
    public GuestImage? Image { get; init; }

    /// <summary>Memory in MiB; a memfd that QEMU shares with vfio-user servers.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Virtual processors.</summary>
    public int Processors { get; init; } = 2;

    /// <summary>QEMU's machine, <c>q35</c> or <c>pc</c>.</summary>
    public string Machine { get; init; } = "q35";

    /// <summary>
    /// Whether there is an IOMMU (QEMU's intel-iommu with interrupt remapping and caching mode, on q35 only); the kernel then gets
    /// <c>intel_iommu=on</c>. Without one, VFIO works in no-IOMMU mode only.
    /// </summary>
    public bool Iommu { get; init; }

    /// <summary>Further QEMU arguments, devices for instance. There are no default devices and no network; slot 0x1d is the agent's.</summary>
    public IReadOnlyList<string> QemuArguments { get; init; } = [];

    /// <summary>Further words of the kernel command line.</summary>
    public IReadOnlyList<string> KernelArguments { get; init; } = [];

    /// <summary>Where the console's text is written, at most 32 MiB; a file that lives as long as the guest if not given.</summary>
    public string? ConsoleLogPath { get; init; }
}
