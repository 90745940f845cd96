// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>One interface of a device.</summary>
/// <param name="Type">Interface type (DSP0239).</param>
/// <param name="Eid">Its EID; null EID when it has none.</param>
public readonly record struct InterfaceDescription(byte Type, Eid Eid);
