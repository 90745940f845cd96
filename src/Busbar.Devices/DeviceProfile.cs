// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Busbar.Mmbi;

namespace Busbar.Devices;

/// <summary>What an MMBI device looks like to its host: identity, windows, interrupts and the way to ring. All of them have class 0x0C0C00.</summary>
public sealed record DeviceProfile
{
    private DeviceProfile()
    {
    }

    /// <summary>
    /// Our own device: BAR 0 the mailbox block, BAR 2 the window, BAR 4 the MSI-X table. Its default identity lies in 1af4:10f0 to 10ff, which the holder of
    /// that vendor ID leaves to experiments without registration (QEMU, docs/specs/pci-ids), so it is nobody's; drivers match the class and the block's ID
    /// register. A product has IDs of its own.
    /// </summary>
    public static DeviceProfile Busbar { get; } = new()
    {
        Name = "busbar",
        Dialect = MmbiDialect.V11,
        Doorbell = DoorbellPlace.Mailbox,
        FirstWindowBar = 2,
        VendorId = 0x1AF4,
        DeviceId = 0x10F2,
        RevisionId = 0x01,
        MaximumInstances = 7,
        SmallestWindow = 64 << 10,
    };

    /// <summary>
    /// What the host driver of the 2024 generation expects of an AST2700 (aspeed-host-bmc-dev): a window in each BAR, MSI, a doorbell byte at the window's end,
    /// never a reset by the owner. Carries that chip's identity, because the driver matches it.
    /// </summary>
    public static DeviceProfile Ast2700 { get; } = new()
    {
        Name = "ast2700",
        Dialect = MmbiDialect.V10Aspeed,
        Doorbell = DoorbellPlace.WindowEnd,
        HasWindowPerInstance = true,
        FirstMessage = 1,
        NeverResets = true,
        LargestPacket = 65_536,
        VendorId = 0x1A03,
        DeviceId = 0x2402,
        RevisionId = 0x27,
        MaximumInstances = 6,
        SmallestWindow = 256 << 10,
    };

    /// <summary>
    /// What the host driver of the 2026 generation expects (aspeed-host-pcie-mmbi): one window in BAR 0 with all instances. Some versions of it ring by a byte
    /// behind the descriptor, others ring nothing, so the owner listens and polls.
    /// </summary>
    public static DeviceProfile Ast2700V11 { get; } = new()
    {
        Name = "ast2700-v1.1",
        Dialect = MmbiDialect.V11,
        Doorbell = DoorbellPlace.BehindDescriptor,
        LargestPacket = 65_536,
        VendorId = 0x1A03,
        DeviceId = 0x2402,
        RevisionId = 0x27,
        MaximumInstances = 7,
        SmallestWindow = 256 << 10,
    };

    /// <summary>
    /// The multi-function device of the same chip as the newest aspeed-host-bmc-dev takes it: shared memory in BAR 0, the registers of a BMC in BAR 1, and
    /// MMBI 1.1 in BAR 2 to 5, a window with one instance in each. The revision is the same and says nothing about the two; that driver takes any function
    /// with these IDs and class 0x0C0C00 or 0xFF0000 for this one. The class is what the BMC's half of the same sources (aspeed-pcie-mmbi) programs.
    /// </summary>
    public static DeviceProfile Ast2700Mfd { get; } = new()
    {
        Name = "ast2700-mfd",
        Dialect = MmbiDialect.V11,
        Doorbell = DoorbellPlace.BehindDescriptor,
        HasBmcRegisters = true,
        HasWindowPerInstance = true,
        FirstWindowBar = 2,
        FirstMessage = 28,
        MessageCounts = [1, 32],
        LargestPacket = 65_536,
        VendorId = 0x1A03,
        DeviceId = 0x2402,
        RevisionId = 0x27,
        MaximumInstances = 4,
        SmallestWindow = 256 << 10,
    };

    /// <summary>Every profile.</summary>
    public static IReadOnlyList<DeviceProfile> All { get; } = [Busbar, Ast2700, Ast2700V11, Ast2700Mfd];

    /// <summary>What users call it.</summary>
    public required string Name { get; init; }

    /// <summary>The dialect unless the user asks for another; only <see cref="Busbar"/> lets him.</summary>
    public required MmbiDialect Dialect { get; init; }

    /// <summary>Where the host rings.</summary>
    public required DoorbellPlace Doorbell { get; init; }

    /// <summary>True when BAR 0 is the mailbox block and interrupts are MSI-X.</summary>
    public bool HasMailbox => Doorbell == DoorbellPlace.Mailbox;

    /// <summary>True when BAR 0 is shared memory and BAR 1 the registers of a BMC; these have message 0, so MMBI has none when that is all there is.</summary>
    public bool HasBmcRegisters { get; init; }

    /// <summary>True when each instance has a BAR to itself; false when one window holds all.</summary>
    public bool HasWindowPerInstance { get; init; }

    /// <summary>The BAR with the window of all instances, or of instance 0.</summary>
    public int FirstWindowBar { get; init; }

    /// <summary>The MSI message of instance 0 when there are several; the next instances with windows of their own have the next ones.</summary>
    public int FirstMessage { get; init; }

    /// <summary>Numbers of MSI messages that its driver lives with, in rising order.</summary>
    public IReadOnlyList<int> MessageCounts { get; init; } = [1, 8, 16, 32];

    /// <summary>True when its host would not survive a reset that the owner asks for.</summary>
    public bool NeverResets { get; init; }

    /// <summary>Bytes of the largest MCTP packet that its host takes, transport header included; null when it takes what fits into the ring.</summary>
    public int? LargestPacket { get; init; }

    /// <summary>Vendor ID.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>Device ID.</summary>
    public required ushort DeviceId { get; init; }

    /// <summary>Revision.</summary>
    public required byte RevisionId { get; init; }

    /// <summary>Most instances.</summary>
    public required int MaximumInstances { get; init; }

    /// <summary>Bytes of the smallest window that its driver works with.</summary>
    public required int SmallestWindow { get; init; }

    /// <summary>The BAR that an instance's window is in.</summary>
    /// <param name="instance">From 0.</param>
    public int WindowBarOf(int instance) => FirstWindowBar + (HasWindowPerInstance ? instance : 0);

    /// <summary>Finds a profile by name.</summary>
    /// <param name="name">For instance <c>busbar</c>; case matters.</param>
    /// <param name="profile">The profile.</param>
    public static bool TryParse(string? name, [NotNullWhen(true)] out DeviceProfile? profile)
    {
        profile = All.FirstOrDefault(candidate => candidate.Name == name);
        return profile is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
