// SPDX-License-Identifier: Apache-2.0
using Busbar.Devices;
using Busbar.Linux;

namespace Busbar.Fuzz;

/// <summary>
/// A hostile guest on a live MMBI device behind its socket, for whole sessions: accesses of every size and alignment everywhere, senseless and sensible messages, interrupts and memory that
/// are set up and taken away, further connections, resets, packets, and writes straight into the windows, while the endpoint nodes serve them and restart. Afterwards a good client is served, a good
/// driver brings up each instance and gets its packet back, nothing beside a window was written, none of the client's memory was touched, and nothing is lost.
/// </summary>
internal sealed class DeviceTarget : IFuzzTarget
{
    private const int MostSteps = 200;

    // A driver takes its time, because its owner does; so only these lengths of inputs are followed by one.
    private const int DriverInterval = 8;

    private readonly Dictionary<string, DeviceRig> _rigs = [];

    public string Name => "device";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        for (byte profile = 0; profile < DeviceProfile.All.Count; profile++)
        {
            string name = DeviceProfile.All[profile].Name;
            yield return ($"{name}-access", [profile, 0, 0, 0x10, 0x02, 2, 1, 7, 4, 0, 1, 6, 0, 0x30, 2, 8, 0, 0x83, 0x21, 0, 0xF8, 0xFF, 0xC7, 1, 2, 3, 4, 5, 6, 7]);
            yield return ($"{name}-registers", [profile, 1, 1, 0xE4, 0x0F, 2, 2, 0, 0, 0, 0, 1, 0xE8, 0x0F, 2, 1, 1, 0xE0, 0x0F, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0x30, 1, 0x30, 1, 2, 0, 1, 0x94, 4, 2, 11, 1, 14, 0, 20]);
            yield return ($"{name}-window", [profile, 2, 0, 0, 0x40, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 5, 0, 2, 1, 0x44, 0, 0, 2, 3, 3, 3, 5, 1]);
            yield return ($"{name}-messages", [profile, 3, 2, 32, 32, 0, 0, 0, 3, 0, 0, 0, .. new byte[24], 3, 13, 0, 6, 0, 5, 0, 7, 1]);
            yield return ($"{name}-up", [profile, 2, 0, 0, 0, 2, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 5, 0, 5, 1, 0x18, 0, 0]);
            yield return ($"{name}-traffic", [profile, 14, 0, 20, 14, 0, 40, 14, 1, 200, 5, 0, 14, 0, 0x85, 11, 1, 14, 0, 20, 12, 0, 14, 1, 30, 6, 0, 14, 0, 100, 7, 0, 14, 0, 20]);
            yield return ($"{name}-interrupts", [profile, 0x18, 0x10, 0x10, 0, 0x18, 0x00, 0x20, 0, 0x38, 0x08, 0x30, 0, 8, 0x13, 0x10, 1, 14, 0, 20, 8, 0x11, 0x10, 0, 8, 0x15, 0x10, 0, 11, 0]);
            yield return ($"{name}-memory", [profile, 0x29, 0, 0, 0xC2, 0x29, 4, 1, 0xC4, 9, 0xC0, 0, 0x42, 14, 0, 20, 10, 0, 2, 10, 0, 0x80, 0x29, 0, 0, 0xE2]);
            yield return ($"{name}-crowd", [profile, 15, 0x43, 12, 0, 12, 1, 20, 1, 0, 1, 0, 20, 12, 3, 14, 0, 50, 12, 2, 11, 1, 14, 1, 50, 13, 3, 0x40, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0x42, 0, 1]);
        }
    }

    public void Run(ReadOnlySpan<byte> input) => Run(input, null);

    /// <summary>One input, and a flaw in the device.</summary>
    /// <param name="input">Anything.</param>
    /// <param name="flaw">What the device does wrong each time it is reset; proves that it is noticed.</param>
    public void Run(ReadOnlySpan<byte> input, Action? flaw)
    {
        var reader = new InputReader(input);
        DeviceProfile profile = DeviceProfile.All[reader.Byte() % DeviceProfile.All.Count];
        if (!_rigs.TryGetValue(profile.Name, out DeviceRig? rig)) _rigs.Add(profile.Name, rig = new DeviceRig(profile));
        rig.StartOver(flaw);
        using (UnixStream guest = UnixStream.Connect(rig.Path, 0))
        {
            rig.Send(guest, GuestMessages.Version, [0, 0, 0, 0]);
            for (int step = 0; !reader.IsEmpty && step < MostSteps; step++) rig.Step(guest, ref reader);
        }

        rig.Conclude(withDriver: input.Length % DriverInterval == 0);
        MappingWatch.Check();
        if (_rigs.Count == DeviceProfile.All.Count) DescriptorWatch.Check(this);
    }
}
