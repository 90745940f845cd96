// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Who takes requests of which type. The order of choice is that of Linux: local EID and peer, then peer alone, then local EID alone,
/// then any in this network, then any at all.
/// </summary>
internal sealed class BindTable
{
    private const int Types = 128;
    private const int BestRank = 5;

    // Made for the first bind.
    private MctpSocketCore[]?[] _binds = [];
    private MctpSocketCore?[] _sole = [];

    public BindStatus Add(MctpSocketCore socket, int type)
    {
        if (_binds.Length == 0)
        {
            _binds = new MctpSocketCore[]?[Types];
            _sole = new MctpSocketCore?[Types];
        }

        MctpSocketCore[] others = _binds[type] ?? [];
        foreach (MctpSocketCore other in others)
        {
            if (other.BoundEid == socket.BoundEid && other.BoundNetwork == socket.BoundNetwork && other.Peer == socket.Peer) return BindStatus.AddressInUse;
        }

        Replace(type, [.. others, socket]);
        return BindStatus.Ok;
    }

    public void Remove(MctpSocketCore socket)
    {
        for (int type = 0; type < _binds.Length; type++)
        {
            if (_binds[type] is { } binds && Array.IndexOf(binds, socket) >= 0) Replace(type, [.. binds.Where(other => !ReferenceEquals(other, socket))]);
        }
    }

    /// <summary>The socket for a request, or null.</summary>
    public MctpSocketCore? Find(int type, uint network, int destination, int source)
    {
        if (_sole.Length == 0) return null;
        MctpSocketCore? sole = _sole[type];
        if (sole is not null) return sole;
        MctpSocketCore[]? binds = _binds[type];
        if (binds is null) return null;

        MctpSocketCore? best = null;
        int bestRank = 0;
        foreach (MctpSocketCore socket in binds)
        {
            int rank = Rank(socket, network, destination, source);
            if (rank <= bestRank) continue;
            best = socket;
            bestRank = rank;
            if (rank == BestRank) break;
        }

        return best;
    }

    private static int Rank(MctpSocketCore socket, uint network, int destination, int source)
    {
        bool anyNetwork = socket.BoundNetwork == 0;
        bool anyLocal = socket.BoundEid == Eid.Any;
        bool anyPeer = socket.Peer == Eid.Any;
        if (!anyNetwork && socket.BoundNetwork != network) return 0;
        if (!anyLocal && socket.BoundEid.Value != destination) return 0;
        if (!anyPeer && socket.Peer.Value != source) return 0;
        return (anyLocal, anyPeer) switch
        {
            (false, false) => BestRank,
            (true, false) => 4,
            (false, true) => 3,
            _ => anyNetwork ? 1 : 2,
        };
    }

    private void Replace(int type, MctpSocketCore[] binds)
    {
        _binds[type] = binds.Length == 0 ? null : binds;

        // The usual case needs no comparison: one socket that takes everything of its type.
        _sole[type] = binds is [{ BoundNetwork: 0 } only] && only.BoundEid == Eid.Any && only.Peer == Eid.Any ? only : null;
    }
}
