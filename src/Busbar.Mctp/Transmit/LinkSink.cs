// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Puts packets on any link, one call each.</summary>
internal readonly struct LinkSink : IPacketSink
{
    private readonly MctpLink _link;
    private readonly PhysicalAddress _to;

    public LinkSink(MctpLink link, in PhysicalAddress to)
    {
        _link = link;
        _to = to;
    }

    public bool Write(MctpHeader header, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second) => _link.Write(_to, header, first, second);
}
