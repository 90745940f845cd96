// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>An EID of an MCTP system.</summary>
internal sealed record AddressRow(int Eid, uint Network, string Link);
