// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Fuzz;

/// <summary>
/// Our vfio-user server with a client that says anything, with any descriptors, lends memory, makes its eventfds block, answers what it was not asked, and hangs up whenever it likes; the
/// function behind it interrupts and does DMA. Afterwards a good client is served, nothing beside a mapping was written, no memory that was not lent has changed, and nothing is lost.
/// </summary>
internal sealed class VfioUserServerTarget : IFuzzTarget
{
    private const int MostSteps = 200;

    private readonly Lazy<VfioUserServerRig> _rig;

    /// <summary>A target.</summary>
    /// <param name="strays">The function does what no function may: it writes into memory of the client that was not lent. Proves that it is noticed.</param>
    public VfioUserServerTarget(bool strays = false) => _rig = new(() => new VfioUserServerRig(strays));

    public string Name => "vfio-user-server";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] version = [0, 1, 4, 0, 0, 0, 0, 3];
        yield return ("ask", [.. version, 0, 4, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
        yield return ("region-info", [.. version, 0, 5, 32, 80, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, .. new byte[20], 3]);
        yield return ("read", [.. version, 0, 9, 16, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 3]);
        yield return ("write", [.. version, 0, 10, 20, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4, 3]);
        yield return ("config", [.. version, 0, 10, 20, 4, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 255, 255, 255, 255, 3]);
        yield return ("irq", [.. version, 0x10, 8, 20, 20, 0, 0, 0, 0x24, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 6]);
        yield return ("irq-bool", [.. version, 0, 8, 21, 21, 0, 0, 0, 0x22, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 3, 6]);
        yield return ("map", [.. version, 0x20, 2, 32, 32, 0, 0, 0, 3, 0, 0, 0, .. new byte[8], 0, 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 3, 6]);
        yield return ("unmap", [.. version, 0, 3, 24, 24, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 3]);
        yield return ("multi", [.. version, 0, 15, 32, 1, .. new byte[7], 4, .. new byte[7], 0, 0, 0, 0, 4, 0, 0, 0, 9, .. new byte[7], 3]);
        yield return ("bytes", [1, 16, 0, 1, 1, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 1, 2, 3, 2]);
        yield return ("dma", [.. version, 7, 3, 4, 3]);
        yield return ("session", [15, 0x18, 0x10, 0x10, 0, 0x18, 0x00, 0x10, 0, 0x29, 1, 1, 0xC2, 6, 0x29, 2, 3, 0xC2, 6, 10, 1, 0x02, 6, 10, 0, 0x80, 6, 11, 0, 6]);
        yield return ("blocking", [15, 0x78, 0x10, 0x20, 0, 6, 8, 0x11, 0x20, 0, 0x78, 0x00, 0x10, 0, 6, 8, 0x01, 0, 0, 6]);
        yield return ("asked", [15, 7, 0, 0, 1, 0, 20, 14, 0, 21, 7, 0, 0, 1, 0, 20, 14, 0x80, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 14, 1, 0, 14, 0, 0]);
        yield return ("crowd", [15, 12, 0, 12, 1, 20, 1, 0, 1, 0, 20, 12, 3, 13, 3, 0x40, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0x42, 0, 1, 12, 2, 0x89, 1, 1, 0xC2, 0x69, 3, 3, 0xC0]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        VfioUserServerRig rig = _rig.Value;
        rig.StartOver();
        using (UnixStream client = UnixStream.Connect(rig.Path, 0))
        {
            var reader = new InputReader(input);
            for (int step = 0; !reader.IsEmpty && step < MostSteps; step++) rig.Step(client, ref reader);
        }

        rig.Conclude();
        MappingWatch.Check();
        DescriptorWatch.Check(this);
    }
}
