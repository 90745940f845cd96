// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Guest;

namespace Busbar.Vm;

/// <summary>
/// A guest with an IOMMU and devices to try it on: an edu device alone at 00:03.0, plain ivshmem at 00:04.0, an edu device and a virtio one that share the
/// group of slot 5, and a virtio one that its own driver has at 00:06.0.
/// </summary>
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
        ],
    }));

    /// <summary>The guest; where there can be none, the running test is skipped.</summary>
    public GuestMachine Machine
    {
        get
        {
            Guests.RequireImage();
            return _machine.Value;
        }
    }

    /// <summary>Runs <c>busbar</c>, which has to succeed, and reads the last line that it prints as JSON.</summary>
    internal static JsonElement Json(GuestMachine machine, string command)
    {
        string line = machine.Run("busbar " + command + " --json", Guests.CommandLimit).Check().Output.Trim().Split('\n')[^1];
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_machine.IsValueCreated) _machine.Value.Dispose();
    }
}
