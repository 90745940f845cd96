// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>The four words and the ring that one direction of one instance consists of, as its user sees it.</summary>
/// <param name="Ring">The ring.</param>
/// <param name="OwnWord">Offset of the word that this end writes (pointer and flags).</param>
/// <param name="PeerWord">Offset of the word that the other end writes.</param>
internal readonly record struct RingEnd(MmbiRing Ring, int OwnWord, int PeerWord);
