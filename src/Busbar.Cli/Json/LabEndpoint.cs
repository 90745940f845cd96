// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>The endpoint that the lab met.</summary>
/// <param name="Pid">Process id; absent when the process is not the lab's.</param>
/// <param name="Eid">Its EID.</param>
/// <param name="Uuid">The UUID that it reports, if it does.</param>
/// <param name="Types">Message types that it reports.</param>
/// <param name="Versions">Versions by what they are of: "base" for DSP0236 itself, otherwise the message type's number.</param>
internal sealed record LabEndpoint(int? Pid, int Eid, string? Uuid, IReadOnlyList<int> Types, IReadOnlyDictionary<string, IReadOnlyList<string>> Versions);
