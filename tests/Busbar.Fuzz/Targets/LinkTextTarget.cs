// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Busbar.Node;

namespace Busbar.Fuzz;

/// <summary>LINK texts.</summary>
internal sealed class LinkTextTarget : IFuzzTarget
{
    public string Name => "link-text";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        yield return ("all", "mmbi:ivshmem:/run/a.sock,role=owner,dialect=v1.0-espi,size=4M,wait=block,instance=3,instances=4,peer=7,mtu=68,hugepages=on"u8.ToArray());
        yield return ("shm", "mmbi:shm:/dev/shm/x,size=8192,wait=spin"u8.ToArray());
        yield return ("file", "mmbi:file:dump.bin"u8.ToArray());
        yield return ("serial", "serial:/dev/ttyS0,baud=115200,mtu=68"u8.ToArray());
        yield return ("serial-tcp", "serial:tcp:[::1]:4000,listen"u8.ToArray());
        yield return ("dev", "dev:udp:127.0.0.1:4001,peer=[::1]:4002,mtu=1500"u8.ToArray());
        yield return ("astlpc", "astlpc:shm:/dev/shm/x,role=host,size=1M,wait=spin"u8.ToArray());
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        bool good = LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error);
        if (good)
        {
            FuzzViolationException.Require(error is null && spec!.Text == text, "a good text has no error");
            FuzzViolationException.Require(spec!.Mtu is null or >= 68, "an MTU is at least 68");
            FuzzViolationException.Require(spec is not SerialLinkSpec { Mtu: > 255 }, "a serial MTU is at most 255");
            FuzzViolationException.Require(spec is not DevelopmentLinkSpec { IsUdp: true, PeerPort: 0 }, "UDP has a peer");
            if (spec is not MmbiLinkSpec mmbi) return;
            FuzzViolationException.Require(mmbi.Path.Length > 0, "a good text has a path");
            FuzzViolationException.Require(mmbi.Size is null or (>= 8192 and <= 1 << 30), "a size is from 8K to 1G");
            FuzzViolationException.Require(mmbi.Instance is >= 0 and <= 7 && mmbi.Instances is null or (>= 1 and <= 8), "instances are in range");
        }
        else
        {
            FuzzViolationException.Require(spec is null && !string.IsNullOrEmpty(error) && !error.Any(char.IsControl), "a bad text has an error in one line and no meaning");
        }
    }
}
