// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>One descriptor that needs attention.</summary>
/// <param name="Index">The index that <see cref="Poller.Add"/> gave out.</param>
/// <param name="Events">What is true of it.</param>
public readonly record struct PollReady(int Index, PollEvents Events);
