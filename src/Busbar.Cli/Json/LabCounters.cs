// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What both ends counted.</summary>
/// <param name="Lab">This process.</param>
/// <param name="Endpoint">The endpoint's process; absent when it could not be asked.</param>
internal sealed record LabCounters(CounterReport Lab, CounterReport? Endpoint);
