// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>A block, both views of it, and every interrupt that it raised.</summary>
internal sealed class MailboxSetup
{
    public MailboxSetup(int pairs = 2) => Block = new MailboxBlock(pairs, (side, pair) => Interrupts.Add((side, pair)));

    public MailboxBlock Block { get; }

    public List<(MailboxSide Side, int Pair)> Interrupts { get; } = [];

    public uint Read(MailboxSide side, int offset) => (uint)View(side).Read(offset, 4);

    public uint Read(MailboxSide side, int pair, int register) => Read(side, MailboxFormat.At(pair, register));

    public void Write(MailboxSide side, int offset, uint value) => View(side).Write(offset, 4, value);

    public void Write(MailboxSide side, int pair, int register, uint value) => Write(side, MailboxFormat.At(pair, register), value);

    /// <summary>Opens a pair of the host for some events.</summary>
    public void EnableHost(int pair, uint events)
    {
        Write(MailboxSide.Discoverer, pair, MailboxFormat.Enable, events);
        Write(MailboxSide.Discoverer, MailboxFormat.GlobalEnable, Read(MailboxSide.Discoverer, MailboxFormat.GlobalEnable) | (1u << pair));
    }

    public IRegionHandler View(MailboxSide side) => side == MailboxSide.Owner ? Block.OwnerView : Block.DiscovererView;
}
