// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Devices;

/// <summary>The identifiers in configuration space.</summary>
/// <param name="VendorId">Vendor.</param>
/// <param name="DeviceId">Device.</param>
/// <param name="SubsystemVendorId">Subsystem vendor.</param>
/// <param name="SubsystemId">Subsystem.</param>
public sealed record DeviceIdentity(ushort VendorId, ushort DeviceId, ushort SubsystemVendorId, ushort SubsystemId)
{
    /// <summary>
    /// What the <see cref="DeviceProfile.Busbar"/> profile says unless told otherwise. 0xFFFE belongs to nobody: PCI-SIG assigns no vendor that close to
    /// 0xFFFF, which means "no device". Drivers match on the class, not on this.
    /// </summary>
    public static DeviceIdentity Nobody { get; } = new(0xFFFE, 0xB0B0, 0xFFFE, 0x0001);

    /// <summary>What the AST2700 profiles say: the identity that the vendor's host drivers match. Imitated because it was asked for.</summary>
    public static DeviceIdentity Ast2700 { get; } = new(0x1A03, 0x2402, 0x1A03, 0x2402);

    /// <summary>The defaults of a profile.</summary>
    /// <param name="profile">The profile.</param>
    public static DeviceIdentity Of(DeviceProfile profile) => profile == DeviceProfile.Busbar ? Nobody : Ast2700;
}
