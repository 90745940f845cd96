// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One round trip of <c>busbar ping --json</c>.</summary>
/// <param name="Seq">From 1.</param>
/// <param name="Ok">True when every byte came back.</param>
/// <param name="Us">Microseconds; absent when it is not ok.</param>
/// <param name="Outcome">intact, corrupt or lost.</param>
internal sealed record PingReply(int Seq, bool Ok, double? Us, string Outcome);
