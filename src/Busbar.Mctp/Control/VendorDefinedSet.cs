// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>A vendor-defined set of commands.</summary>
/// <param name="Format">What kind of number the vendor ID is.</param>
/// <param name="VendorId">PCI vendor ID (16 bits) or IANA enterprise number (32 bits).</param>
/// <param name="CommandSet">The vendor's own number for the set or its version.</param>
public readonly record struct VendorDefinedSet(VendorIdFormat Format, uint VendorId, ushort CommandSet);
