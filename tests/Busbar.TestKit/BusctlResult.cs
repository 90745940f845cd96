// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <summary>What became of a run of busctl.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
public sealed record BusctlResult(int Status, string Output, string Errors);
