// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>
/// A link of an MCTP system. The physical address is hexadecimal bytes between colons, absent where the medium has none; the binding as DSP0239 numbers it, and its name.
/// </summary>
internal sealed record LinkRow(
    int Index, string Name, uint Network, string? Address, int Mtu, int MinMtu, int MaxMtu, bool Up, int BindingId, string Binding, string? Role, string? DevicePath);
