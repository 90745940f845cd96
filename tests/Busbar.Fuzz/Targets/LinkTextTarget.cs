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
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        bool good = LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error);
        if (good)
        {
            FuzzViolationException.Require(error is null && spec!.Text == text && spec.Path.Length > 0, "a good text has a path and no error");
            FuzzViolationException.Require(spec!.Size is null or (>= 8192 and <= 1 << 30), "a size is from 8K to 1G");
            FuzzViolationException.Require(spec.Instance is >= 0 and <= 7 && spec.Instances is null or (>= 1 and <= 8), "instances are in range");
        }
        else
        {
            FuzzViolationException.Require(spec is null && !string.IsNullOrEmpty(error) && !error.Any(char.IsControl), "a bad text has an error in one line and no meaning");
        }
    }
}
