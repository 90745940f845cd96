// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>A register and what was read from it or written to it.</summary>
/// <param name="Offset">Bytes from the BAR's start, hexadecimal.</param>
/// <param name="Value">The value, hexadecimal.</param>
internal sealed record PciRegisterValue(string Offset, string Value);
