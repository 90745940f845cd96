// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What binding or unbinding did.</summary>
/// <param name="Former">The driver before; null for none.</param>
/// <param name="Driver">The driver now; null for none.</param>
/// <param name="Notes">What else the user should know, a line each.</param>
public sealed record PciBindResult(string? Former, string? Driver, IReadOnlyList<string> Notes);
