// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>
/// Gives out peer ids: upwards, and from 0 again behind the largest, so that an id comes back as late as possible, while somebody may still
/// mean its former holder.
/// </summary>
internal sealed class PeerIds
{
    private readonly HashSet<int> _used = [];
    private int _next;

    public PeerIds(int first) => _next = first;

    /// <summary>Takes the next id that nobody has.</summary>
    /// <returns>False when all 65536 are taken.</returns>
    public bool TryTake(out int id)
    {
        id = -1;
        if (_used.Count > IvshmemProtocol.LargestPeerId) return false;
        while (!_used.Add(_next)) Advance();
        id = _next;
        Advance();
        return true;
    }

    /// <summary>Gives an id back.</summary>
    public void Return(int id) => _used.Remove(id);

    private void Advance() => _next = (_next + 1) & IvshmemProtocol.LargestPeerId;
}
