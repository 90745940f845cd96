// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>The rendezvous page with any content, while both roles use it.</summary>
internal sealed class RendezvousTarget : IFuzzTarget
{
    private const int WindowLength = 2 * RendezvousPage.Size;

    public string Name => "rendezvous";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        using SharedRegion region = SharedRegion.Allocate(WindowLength);
        var page = new RendezvousPage(region);
        page.TryFormat(3, _ => true);
        page.TryClaim(RendezvousRole.Owner, 0, 3, 1, _ => true);
        page.TryClaim(RendezvousRole.Discoverer, 7, 4, 2, _ => true);
        byte[] content = new byte[RendezvousPage.Size];
        region.CopyTo(RendezvousPage.Size, content);
        byte[] ops = [0, 1, 0, 2, 1, 0, 3, 4, 0, 5, 6, 1, 7, 0];
        yield return ("page", [.. ops, 0xFF, .. content]);
        yield return ("empty", [.. ops]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        // The little program comes first, because mutations cut the end off; 0xFF ends it.
        int end = input.IndexOf((byte)0xFF);
        ReadOnlySpan<byte> program = end < 0 ? input : input[..end];
        ReadOnlySpan<byte> content = end < 0 ? default : input[(end + 1)..];
        using SharedRegion region = SharedRegion.Allocate(WindowLength);
        region.CopyFrom(RendezvousPage.Size, content[..Math.Min(content.Length, RendezvousPage.Size)]);
        var pages = new[] { new RendezvousPage(region), new RendezvousPage(region) };
        bool[] held = new bool[2];
        var reader = new InputReader(program);
        while (!reader.IsEmpty)
        {
            byte op = reader.Byte();
            int side = op >> 7;
            RendezvousPage page = pages[side];
            var role = (RendezvousRole)side;
            int instance = (op >> 3) & 7;
            switch (op & 7)
            {
                case 0:
                    page.TryFormat(side + 1, id => (id & 1) == 0);
                    break;
                case 1:
                    held[side] = page.TryClaim(role, instance, side + 1, op & 63, id => (id & 1) == 0);
                    FuzzViolationException.Require(!held[side] || page.IsHeld(role, instance), "a claim stands once it is made");
                    break;
                case 2:
                    page.Release(role, instance);
                    FuzzViolationException.Require(!page.IsHeld(role, instance), "a claim is gone once it is released");
                    break;
                case 3:
                    page.SetWantsDoorbell(role, instance, reader.Byte() != 0);
                    break;
                case 4:
                    bool known = page.TryGetPeer(role, instance, out int peer, out int generation);
                    FuzzViolationException.Require(!known || (peer is >= 0 and <= 65_535 && generation is >= 0 and <= 32_767), "a peer's id and generation are in range");
                    break;
                case 5:
                    FuzzViolationException.Require(page.PeerVector(role, instance) is >= 0 and <= 63, "a vector is in range");
                    break;
                case 6:
                    _ = page.PeerWantsDoorbell(role, instance);
                    break;
                default:
                    region.Write32(RendezvousPage.Size + ((reader.UInt16() * 4) & (RendezvousPage.Size - 4)), reader.UInt32());
                    break;
            }
        }

        region.Write32(RendezvousPage.Size, 0);
        var afterwards = new RendezvousPage(region);
        FuzzViolationException.Require(afterwards.TryFormat(9, _ => false) == RendezvousFormat.Ready, "a page without magic can be laid out");
        FuzzViolationException.Require(afterwards.TryClaim(RendezvousRole.Owner, 0, 9, 0, _ => false), "a fresh page's role can be claimed");
    }
}
