// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Requests of several sizes, counted together.</summary>
/// <param name="Smallest">Bytes of the shortest.</param>
/// <param name="Largest">Bytes of the longest.</param>
/// <param name="Count">Requests sent.</param>
/// <param name="Ok">Answers with every byte right.</param>
internal sealed record LabBatch(int Smallest, int Largest, long Count, long Ok);
