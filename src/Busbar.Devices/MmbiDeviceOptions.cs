// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Mmbi;

namespace Busbar.Devices;

/// <summary>What an emulated MMBI device is.</summary>
public sealed record MmbiDeviceOptions
{
    /// <summary>What it looks like.</summary>
    public DeviceProfile Profile { get; init; } = DeviceProfile.Busbar;

    /// <summary>Instances, from 1; each has an endpoint node of its own.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Another dialect than the profile's; null for the profile's.</summary>
    public MmbiDialect? Dialect { get; init; }

    /// <summary>Bytes of each window, a power of two.</summary>
    public int WindowSize { get; init; } = 2 << 20;

    /// <summary>
    /// False when the host must not map the windows: each access is then a message to this process. For clients that cannot map, and for seeing what a driver does; slow.
    /// </summary>
    public bool IsWindowMappable { get; init; } = true;

    /// <summary>MSI messages of a profile with MSI, one of its <see cref="DeviceProfile.MessageCounts"/>. Its driver cannot live with a number in between.</summary>
    public int MsiVectors { get; init; } = 1;

    /// <summary>Vendor ID; null for the profile's.</summary>
    public ushort? VendorId { get; init; }

    /// <summary>Device ID; null for the profile's.</summary>
    public ushort? DeviceId { get; init; }

    /// <summary>Subsystem vendor ID.</summary>
    public ushort SubsystemVendorId { get; init; }

    /// <summary>Subsystem ID.</summary>
    public ushort SubsystemId { get; init; }

    /// <summary>EID that instance 0 holds until a bus owner assigns another, the next instances hold the next ones; <see cref="Eid.Null"/> for none.</summary>
    public Eid StaticEid { get; init; } = Eid.Null;

    /// <summary>
    /// UUID that instance 0 reports. Each further instance is an endpoint of its own and reports one made from this and its number, the same every time.
    /// </summary>
    public Guid Uuid { get; init; } = Guid.NewGuid();
}
