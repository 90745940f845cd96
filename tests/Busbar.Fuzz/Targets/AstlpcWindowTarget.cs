// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Mctp;
using Busbar.Memory;

namespace Busbar.Fuzz;

/// <summary>An LPC window whose other end writes anything anywhere, for both roles.</summary>
internal sealed class AstlpcWindowTarget : IFuzzTarget
{
    private const int WindowSize = 16_384;
    private const byte Turn = 0xFF;
    private const byte Pass = 0xFE;

    // The words that matter most, which a byte of the input names.
    private static readonly int[] s_places =
        [0x40, 0x44, 0x48, 0x4C, 0x50, 0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x18, 0x1C, 0x100, 0x104, 0x108];

    public string Name => "astlpc-window";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        // To a controller: the host's versions and wishes, its question, a packet.
        yield return ("host",
        [
            0, .. Put(7, 0x03000100), .. Put(10, 0x50000000), .. Put(12, 0x50000000), .. Put(3, 0x100), Turn, .. Put(13, 0x08000000), .. Put(3, 0x201), Turn, Turn,
        ]);

        // To a host: a controller's area, its answer, a packet.
        yield return ("bmc",
        [
            1, .. Put(5, 0x5054434D), .. Put(6, 0x03000100), .. Put(9, 0x00010000), .. Put(10, 0x00040000), .. Put(11, 0x00050000), .. Put(12, 0x00040000), .. Put(0, 0x80), Turn,
            .. Put(4, 1), .. Put(8, 0x00000300), .. Put(0, 0xC0), .. Put(1, 0x1FF), Turn, Turn, .. Put(13, 0x08000000), .. Put(1, 0x201), Turn, Turn,
        ]);
        yield return ("noise", [1, .. Put(0, uint.MaxValue), .. Put(1, 0x7F), Turn, 0x20, 9, 9, 9, 9, 9, 9, Turn, Pass, 200, Turn]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        using SharedRegion window = SharedRegion.Allocate(WindowSize);
        var reader = new InputReader(input);
        var link = new AstlpcLink("lpc", new AstlpcLinkOptions { Role = (reader.Byte() & 1) == 0 ? AstlpcRole.Bmc : AstlpcRole.Host, Mtu = 1000 });
        var stack = new MctpStack();
        stack.AddLink(link);
        stack.AddAddress(link, new Eid(8));
        stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), link));
        MctpSocketCore socket = stack.OpenSocket();
        link.Open(window, 1);
        long now = 1;
        while (!reader.IsEmpty)
        {
            byte op = reader.Byte();
            if (op == Turn)
            {
                now++;
                stack.Send(socket, new MctpEndPoint(new Eid(9), MessageType.Pldm, MctpTag.Owner), [1, 2, 3], now);
                stack.Poll(now, 8);
            }
            else if (op == Pass)
            {
                now += 20 * reader.Byte();
            }
            else if (op < s_places.Length)
            {
                window.Write32(s_places[op], reader.UInt32());
            }
            else
            {
                window.Write32(reader.UInt16() & (WindowSize - 4), reader.UInt32());
            }

            FuzzViolationException.Require(link.Mtu is >= MctpLink.MinimumMtu and <= 1000, "the MTU is between the baseline and our own wish");
            FuzzViolationException.Require(!link.IsUp || link.Channel.Version is >= 1 and <= 3, "a link that is up has a version");
        }
    }

    private static byte[] Put(byte place, uint value) => [place, .. BitConverter.GetBytes(value)];
}
