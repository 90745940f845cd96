// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi.Tests;

/// <summary>
/// Two doorbells that ring each other, with the wish of each in a word that the other reads: what an ivshmem window offers.
/// </summary>
internal sealed class DoorbellPair : IDisposable
{
    public DoorbellPair(bool tellsWish = true)
    {
        Owner = new End(tellsWish);
        Discoverer = new End(tellsWish);
        (Owner.Peer, Discoverer.Peer) = (Discoverer, Owner);
    }

    public End Owner { get; }

    public End Discoverer { get; }

    public void Dispose()
    {
        Owner.Bell.Dispose();
        Discoverer.Bell.Dispose();
    }

    internal sealed class End(bool tellsWish) : IMmbiDoorbell
    {
        private int _wanted;

        public End Peer { get; set; } = null!;

        public SemaphoreSlim Bell { get; } = new(0);

        public int Rings { get; private set; }

        public bool CanRing => true;

        public bool CanWake => true;

        public bool PeerWantsRing => !tellsWish || Volatile.Read(ref Peer._wanted) != 0;

        public bool IsWanted => Volatile.Read(ref _wanted) != 0;

        public void Ring()
        {
            Rings++;
            Peer.Bell.Release();
        }

        // A plain store, as into shared memory: the channel has to fence.
        public void SetWanted(bool wanted) => Volatile.Write(ref _wanted, wanted ? 1 : 0);
    }
}
