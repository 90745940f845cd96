// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Litmus;

/// <summary>
/// The shape behind a lost wake-up. A producer stores its write pointer and then looks whether the consumer wants a doorbell; the consumer
/// stores "I want one" and then looks at the write pointer. If both look before either store is visible, the consumer sleeps on a packet.
/// </summary>
internal sealed class StoreBuffering : IDisposable
{
    private const int Cells = 4096;
    private const int CellSize = 256;
    private const int PointerOffset = 0;
    private const int WantedOffset = 128;

    private readonly SharedRegion _region = SharedRegion.Allocate(Cells * CellSize);
    private readonly uint[] _wantedSeen = new uint[Cells];
    private readonly uint[] _pointerSeen = new uint[Cells];
    private int _gate;

    /// <summary>Runs both sides on two threads.</summary>
    /// <param name="fenced">Whether each side fences between its store and its look, as the product does.</param>
    /// <param name="rounds">Rounds of 4096 races at most.</param>
    /// <param name="stopAtFirst">Whether one violation is enough.</param>
    /// <returns>How often both sides looked too early.</returns>
    public long CountLostWakeUps(bool fenced, int rounds, bool stopAtFirst)
    {
        long lost = 0;
        for (int round = 0; round < rounds && !(stopAtFirst && lost > 0); round++)
        {
            _region.Clear(0, Cells * CellSize);
            _gate = 0;
            var consumer = new Thread(() => RunSide(WantedOffset, PointerOffset, _pointerSeen, fenced));
            consumer.Start();
            RunSide(PointerOffset, WantedOffset, _wantedSeen, fenced);
            consumer.Join();
            for (int cell = 0; cell < Cells; cell++)
            {
                if (_wantedSeen[cell] == 0 && _pointerSeen[cell] == 0) lost++;
            }
        }

        return lost;
    }

    public void Dispose() => _region.Dispose();

    private void RunSide(int storeOffset, int lookOffset, uint[] seen, bool fenced)
    {
        // Both threads leave the gate together; otherwise one is through before the other starts.
        Interlocked.Increment(ref _gate);
        while (Volatile.Read(ref _gate) < 2)
        {
        }

        for (int cell = 0; cell < Cells; cell++)
        {
            _region.Write32((cell * CellSize) + storeOffset, 1);
            if (fenced) Interlocked.MemoryBarrier();
            seen[cell] = _region.Read32((cell * CellSize) + lookOffset);
        }
    }
}
