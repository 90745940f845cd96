// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// Gives a function to a driver and back, by <c>driver_override</c>, so that no other device with the same identifiers is touched. Remembers the former driver
/// in a folder that lives until the next boot, as the binding does.
/// </summary>
/// <param name="sysfs">Where to work.</param>
/// <param name="memory">Folder for one small file per bound function.</param>
public sealed class PciBinder(PciSysfs sysfs, string memory = "/run/busbar/pci")
{
    /// <summary>The driver that hands devices to processes.</summary>
    public const string VfioDriver = "vfio-pci";

    private const string NoDriver = "none";
    private const int MassStorageClass = 0x01;

    /// <summary>Gives a function to a driver.</summary>
    /// <param name="address">The function.</param>
    /// <param name="driver">The driver.</param>
    /// <param name="mayEnableNoIommu">True to switch on VFIO's mode without an IOMMU when there is none. It taints the kernel and trusts the device with all memory.</param>
    /// <param name="force">True to take a device away that is plainly in use.</param>
    /// <exception cref="PciDeviceException">It was refused; the function is as it was.</exception>
    public PciBindResult Bind(PciAddress address, string driver = VfioDriver, bool mayEnableNoIommu = false, bool force = false)
    {
        PciSysfsDevice device = Find(address);
        var notes = new List<string>();
        if (!sysfs.HasDriver(driver))
        {
            throw new PciDeviceException(
                PciDeviceFault.NotSupported, $"the kernel has no driver '{driver}': load it with 'modprobe {driver}', or use a kernel that has it");
        }

        if (device.Driver != driver)
        {
            RefuseIfInUse(device, force);
            RefuseIfOpen(device);
        }

        if (driver == VfioDriver) PrepareIommu(device, mayEnableNoIommu, notes);
        if (device.Driver == driver) return new PciBindResult(driver, driver, [.. notes, .. GroupNotes(device)]);
        string former = device.Driver ?? NoDriver;
        Write(device, Path.Combine(device.Folder, "driver_override"), driver);
        try
        {
            if (device.Driver is not null) Write(device, Path.Combine(device.Folder, "driver/unbind"), address.ToString());
        }
        catch (PciDeviceException)
        {
            AttributeFile.TryWrite(Path.Combine(device.Folder, "driver_override"), "\n");
            throw;
        }

        Errno probe = AttributeFile.TryWrite(Path.Combine(sysfs.Root, "bus/pci/drivers_probe"), address.ToString());
        PciSysfsDevice now = Find(address);
        if (now.Driver != driver)
        {
            Restore(address, former);
            throw new PciDeviceException(
                PciDeviceFault.Failed, $"the driver '{driver}' did not take {address} ({Reason(probe)}): the kernel log (dmesg) says why; {Word(former)} has it again");
        }

        Remember(address, former, notes);
        return new PciBindResult(device.Driver, driver, [.. notes, .. GroupNotes(now)]);
    }

    /// <summary>Takes a function away from the driver that <see cref="Bind"/> chose and gives it back to the former one.</summary>
    /// <param name="address">The function.</param>
    /// <exception cref="PciDeviceException">It was refused.</exception>
    public PciBindResult Unbind(PciAddress address)
    {
        PciSysfsDevice device = Find(address);
        string? remembered = Recall(address);
        bool ours = device.IsOnVfio || device.Driver is PciDevices.UioDriver || device.DriverOverride is not null;
        if (device.Driver is not null && !ours)
        {
            throw new PciDeviceException(
                PciDeviceFault.WrongDriver, $"{address} is bound to '{device.Driver}', which is its ordinary driver: there is nothing to undo");
        }

        RefuseIfOpen(device);
        Write(device, Path.Combine(device.Folder, "driver_override"), "\n");
        if (device.Driver is not null) Write(device, Path.Combine(device.Folder, "driver/unbind"), address.ToString());
        var notes = new List<string>();
        Errno given = GiveTo(address, remembered);
        PciSysfsDevice now = Find(address);
        if (remembered is not (null or NoDriver) && now.Driver != remembered) notes.Add($"'{remembered}' did not take it back ({Reason(given)}); the kernel log (dmesg) says why");
        Forget(address);
        return new PciBindResult(device.Driver, now.Driver, notes);
    }

    private static string Word(string driver) => driver == NoDriver ? "no driver" : $"'{driver}'";

    private static string Reason(Errno errno) => errno == Errno.None ? "no error" : errno.ToString();

    private PciSysfsDevice Find(PciAddress address) => sysfs.Find(address) ?? throw PciDevices.NotThere(address);

    private void PrepareIommu(PciSysfsDevice device, bool mayEnable, List<string> notes)
    {
        if (device.IommuGroup is not null && !device.IsNoIommuGroup) return;
        NoIommuMode mode = sysfs.NoIommu;
        if (mode == NoIommuMode.On) return;
        const string Iommu = "switch the IOMMU on (firmware setting, and intel_iommu=on on the kernel's command line)";
        if (mode == NoIommuMode.Missing)
        {
            throw new PciDeviceException(PciDeviceFault.NoIommu, $"there is no IOMMU in front of {device.Address}: {Iommu}; this kernel has no mode without one");
        }

        if (!mayEnable)
        {
            throw new PciDeviceException(
                PciDeviceFault.NoIommu,
                $"there is no IOMMU in front of {device.Address}: {Iommu}, or accept that the device reaches all memory: 'busbar pci bind {device.Address} --no-iommu'");
        }

        Write(device, sysfs.NoIommuFile, "1");
        notes.Add($"switched on {sysfs.NoIommuFile}: devices bound to VFIO reach all memory now, until it is switched off");
    }

    private static void RefuseIfInUse(PciSysfsDevice device, bool force)
    {
        if (force || device.Driver is null) return;
        if (device.ActiveNetworks.Count > 0)
        {
            throw new PciDeviceException(
                PciDeviceFault.Busy, $"{device.Address} carries the active network interface {device.ActiveNetworks[0]}: take it down first, or insist with --force");
        }

        if (device.ClassCode >> 16 == MassStorageClass)
        {
            throw new PciDeviceException(PciDeviceFault.Busy, $"{device.Address} is a disk controller in the hands of '{device.Driver}': insist with --force");
        }
    }

    // From VFIO the kernel would let this process wait, without limit, until the other one lets go; through sysfs it would take the function away under a link.
    private void RefuseIfOpen(PciSysfsDevice device)
    {
        if (device.IsOnVfio ? !PciDevices.IsInUse(sysfs, device) : device.Driver is not (null or PciDevices.UioDriver) || IsUnlocked(device)) return;
        throw new PciDeviceException(PciDeviceFault.Busy, $"{device.Address} is in use by another process: end that one first");
    }

    private static bool IsUnlocked(PciSysfsDevice device)
    {
        using SysfsConfigSpace config = SysfsConfigSpace.Open(device, readOnly: true);
        return config.TryLock();
    }

    private IEnumerable<string> GroupNotes(PciSysfsDevice device)
    {
        if (device.IommuGroup is not { } group || device.IsNoIommuGroup || !device.IsOnVfio) yield break;
        foreach (PciSysfsDevice culprit in sysfs.Culprits(group))
        {
            yield return $"group {group} cannot be used while {culprit.Address} is bound to '{culprit.Driver}': bind it, too";
        }
    }

    private void Restore(PciAddress address, string former)
    {
        AttributeFile.TryWrite(Path.Combine(sysfs.Root, "bus/pci/devices", address.ToString(), "driver_override"), "\n");
        GiveTo(address, former);
    }

    private Errno GiveTo(PciAddress address, string? former) => former switch
    {
        NoDriver => Errno.None,
        null => AttributeFile.TryWrite(Path.Combine(sysfs.Root, "bus/pci/drivers_probe"), address.ToString()),
        _ => AttributeFile.TryWrite(Path.Combine(sysfs.Root, "bus/pci/drivers", former, "bind"), address.ToString()),
    };

    // A driver's name goes into a path, so what the file says is checked as if somebody else had written it.
    private string? Recall(PciAddress address) =>
        AttributeFile.TryRead(MemoryFile(address)) is { Length: > 0 } name && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-') ? name : null;

    private void Remember(PciAddress address, string former, List<string> notes)
    {
        try
        {
            Directory.CreateDirectory(memory);

            // Bound from one driver of ours to another: the ordinary one is still the first.
            if (!File.Exists(MemoryFile(address))) File.WriteAllText(MemoryFile(address), former + "\n");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            notes.Add($"the former driver could not be noted in {memory}: unbind will let the kernel choose one");
        }
    }

    private void Forget(PciAddress address)
    {
        try
        {
            File.Delete(MemoryFile(address));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It was never there, or the folder is gone: nothing to forget.
        }
    }

    private string MemoryFile(PciAddress address) => Path.Combine(memory, address.ToString());

    private static void Write(PciSysfsDevice device, string path, string text)
    {
        Errno errno = AttributeFile.TryWrite(path, text);
        if (errno == Errno.None) return;
        throw errno is Errno.EACCES or Errno.EPERM or Errno.EROFS
            ? new PciDeviceException(PciDeviceFault.NotPermitted, $"changing the driver of {device.Address} is not allowed ({errno} on {path}): run as root")
            : new PciDeviceException(PciDeviceFault.Failed, $"changing the driver of {device.Address} failed: {errno} on {path}");
    }
}
