// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Endpoints;

/// <summary>Echo requests of several sizes, counted together.</summary>
/// <param name="Smallest">Bytes of the shortest, its 3-byte prefix included and its type byte not; 0 when none was sent.</param>
/// <param name="Largest">Bytes of the longest, counted likewise.</param>
/// <param name="Sent">Requests sent.</param>
/// <param name="Intact">Answers with every byte right.</param>
public readonly record struct ExerciseBatch(int Smallest, int Largest, long Sent, long Intact);
