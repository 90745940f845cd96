// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Guest;

namespace Busbar.Vm;

/// <summary>
/// A guest with an IOMMU and devices to try it on: an edu device alone at 00:03.0, plain ivshmem at 00:04.0, an edu device and a virtio one that share the
/// group of slot 5, a virtio one that its own driver has at 00:06.0, and another edu device at 00:07.0.
/// </summary>
/// <remarks>A start of busbar costs a second here, so tests share one guest, have a device each, and leave bound what no other test wants otherwise.</remarks>
public sealed class VfioGuest : IDisposable
{
    private readonly Lazy<GuestMachine> _machine = new(() => Guests.Boot(new GuestOptions
    {
        Name = "vfio",
        Iommu = true,
        QemuArguments =
        [
            "-device", "edu,addr=3",
            "-object", "memory-backend-ram,id=window,size=1M,share=on", "-device", "ivshmem-plain,memdev=window,addr=4",
            "-device", "edu,addr=5.0,multifunction=on", "-device", "virtio-rng-pci,addr=5.1",
            "-device", "virtio-rng-pci,addr=6",
            "-device", "edu,addr=7",
        ],
    }));

    private bool _isEduBound;

    /// <summary>The guest; where there can be none, the running test is skipped.</summary>
    public GuestMachine Machine
    {
        get
        {
            Guests.RequireImage();
            return _machine.Value;
        }
    }

    /// <summary>The edu device that is bound to VFIO from the first use on, and stays so.</summary>
    public string BoundEdu
    {
        get
        {
            const string Address = "00:03.0";
            if (!_isEduBound) Json(Machine, $"pci bind {Address}");
            _isEduBound = true;
            return Address;
        }
    }

    /// <summary>Runs <c>busbar</c>, which has to succeed, and reads the last line that it prints as JSON.</summary>
    internal static JsonElement Json(GuestMachine machine, string command)
    {
        return LastLine(machine.Run("busbar " + command + " --json", Guests.CommandLimit));
    }

    /// <summary>The last line that a command, which has to have succeeded, printed as JSON.</summary>
    internal static JsonElement LastLine(GuestResult result)
    {
        using var document = JsonDocument.Parse(result.Check().Output.Trim().Split('\n')[^1]);
        return document.RootElement.Clone();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_machine.IsValueCreated) _machine.Value.Dispose();
    }
}
