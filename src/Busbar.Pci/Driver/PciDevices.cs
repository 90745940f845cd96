// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>Opens the functions of this machine.</summary>
public static class PciDevices
{
    /// <summary>The driver that leaves a function to processes, with its pin's interrupt.</summary>
    internal const string UioDriver = "uio_pci_generic";

    private const string BindToIommufd = "VFIO_DEVICE_BIND_IOMMUFD";

    /// <summary>
    /// Opens a function the best way that its driver allows: bound to vfio-pci, through its own VFIO file when the kernel has that, otherwise through its group;
    /// bound to uio_pci_generic or to nothing, through sysfs.
    /// </summary>
    /// <param name="address">Where it sits.</param>
    /// <param name="backend">A certain way; the others are then not tried.</param>
    /// <param name="sysfs">Where to look; null for the running system.</param>
    /// <returns>The open device; the caller owns it. Its memory decoding may still be off, and its bus master bit is.</returns>
    /// <exception cref="PciDeviceException">It cannot be opened; the message says what to do.</exception>
    public static IPciDevice Open(PciAddress address, PciBackend backend = PciBackend.Automatic, PciSysfs? sysfs = null)
    {
        sysfs ??= PciSysfs.System;
        PciSysfsDevice device = sysfs.Find(address) ?? throw NotThere(address);
        return backend switch
        {
            PciBackend.Automatic when device.IsOnVfio => OpenVfio(sysfs, device),
            PciBackend.Automatic when device.Driver is null or UioDriver => SysfsPciDevice.Open(sysfs, device),
            PciBackend.Sysfs when device.Driver is null or UioDriver => SysfsPciDevice.Open(sysfs, device),
            PciBackend.Vfio when device.IsOnVfio => OpenGroup(sysfs, device),
            PciBackend.Iommufd when device.IsOnVfio => OpenFile(sysfs, device),
            PciBackend.Sysfs => throw new PciDeviceException(
                PciDeviceFault.WrongDriver, $"{address} is bound to '{device.Driver}', which sysfs must not interfere with: 'busbar pci unbind {address}'"),
            _ => throw new PciDeviceException(
                PciDeviceFault.WrongDriver,
                $"{address} is bound to {(device.Driver is null ? "no driver" : $"'{device.Driver}'")}, not to vfio-pci: 'busbar pci bind {address}'"),
        };
    }

    internal static PciDeviceException NotThere(PciAddress address) =>
        new(PciDeviceFault.NotFound, $"there is no PCI function {address}: 'busbar pci list --all' shows those that are there");

    /// <summary>The file of the function's group; null when it is in none.</summary>
    internal static string? GroupFile(PciSysfs sysfs, PciSysfsDevice device) => device.IommuGroup is not { } group
        ? null
        : Path.Combine(sysfs.Devices, "vfio", (device.IsNoIommuGroup ? "noiommu-" : string.Empty) + group.ToString(CultureInfo.InvariantCulture));

    /// <summary>Tells whether a process has the function, by its group or by its own file. Another one of its group counts as well.</summary>
    internal static bool IsInUse(PciSysfs sysfs, PciSysfsDevice device)
    {
        if (GroupFile(sysfs, device) is not { } path) return false;
        try
        {
            VfioGroup.Open(path).Dispose();
            return false;
        }
        catch (LinuxException failure)
        {
            return failure.Errno == Errno.EBUSY;
        }
    }

    private static VfioPciDevice OpenVfio(PciSysfs sysfs, PciSysfsDevice device)
    {
        if (CharacterFile(sysfs, device) is null || !File.Exists(Path.Combine(sysfs.Devices, "iommu"))) return OpenGroup(sysfs, device);
        PciDeviceException refusal;
        try
        {
            return OpenFile(sysfs, device);
        }
        catch (PciDeviceException failure) when (failure.Fault is PciDeviceFault.NotSupported or PciDeviceFault.Failed)
        {
            // The new way exists but does not work here (a kernel built without parts of it): the old one may.
            refusal = failure;
        }

        try
        {
            VfioPciDevice opened = OpenGroup(sysfs, device);
            opened.Note($"opened through its group, because iommufd refused: {refusal.Message}");
            return opened;
        }
        catch (PciDeviceException failure) when (failure.Fault != PciDeviceFault.Busy)
        {
            throw new PciDeviceException(failure.Fault, $"{failure.Message}; before that, iommufd refused: {refusal.Message}", failure);
        }
    }

    private static string? CharacterFile(PciSysfs sysfs, PciSysfsDevice device)
    {
        if (device.VfioFile is null) return null;
        string path = Path.Combine(sysfs.Devices, "vfio/devices", device.VfioFile);
        return File.Exists(path) ? path : null;
    }

    private static VfioPciDevice OpenFile(PciSysfs sysfs, PciSysfsDevice device)
    {
        string name = device.Address.ToString();
        string path = CharacterFile(sysfs, device) ?? throw new PciDeviceException(
            PciDeviceFault.NotSupported, $"{name} has no VFIO file of its own: that needs CONFIG_VFIO_DEVICE_CDEV and an IOMMU; use the group ('vfio')");
        Iommufd? iommufd = null;
        try
        {
            iommufd = Iommufd.Open(Path.Combine(sysfs.Devices, "iommu"));
            return new VfioPciDevice(name, "iommufd", VfioDevice.Open(path, iommufd), iommufd, iommufd);
        }
        catch (LinuxException failure)
        {
            iommufd?.Dispose();
            throw Explain(failure, device, path, sysfs, "iommufd");
        }
    }

    private static VfioPciDevice OpenGroup(PciSysfs sysfs, PciSysfsDevice device)
    {
        string name = device.Address.ToString();
        string path = GroupFile(sysfs, device) ?? throw new PciDeviceException(
            PciDeviceFault.NoIommu, $"{name} is in no IOMMU group: bind it again ('busbar pci unbind {name}', then 'busbar pci bind {name}')");
        VfioGroup? group = null;
        VfioContainer? container = null;
        try
        {
            group = VfioGroup.Open(path);
            if (!group.IsViable) throw NotViable(sysfs, device);
            container = VfioContainer.Open(Path.Combine(sysfs.Devices, "vfio/vfio"));
            group.Join(container);
            VfioIommuKind kind = device.IsNoIommuGroup ? VfioIommuKind.NoIommu
                : container.Supports(VfioIommuKind.Type1Version2) ? VfioIommuKind.Type1Version2 : VfioIommuKind.Type1;
            container.SetIommu(kind);
            VfioDevice open = group.OpenDevice(name);
            return device.IsNoIommuGroup
                ? new VfioPciDevice(name, "vfio-noiommu", open, null, group, container)
                : new VfioPciDevice(name, "vfio", open, container, group, container);
        }
        catch (Exception failure)
        {
            group?.Dispose();
            container?.Dispose();
            if (failure is LinuxException system) throw Explain(system, device, path, sysfs, "vfio_iommu_type1");
            throw;
        }
    }

    private static PciDeviceException NotViable(PciSysfs sysfs, PciSysfsDevice device)
    {
        string why = Culprit(sysfs, device) is { } culprit
            ? $"{culprit.Address} is bound to '{culprit.Driver}': 'busbar pci bind {culprit.Address}'"
            : "the kernel does not say which device is to blame";
        return new PciDeviceException(PciDeviceFault.GroupNotViable, $"the IOMMU group {device.IommuGroup} of {device.Address} cannot be used, because {why}");
    }

    private static PciSysfsDevice? Culprit(PciSysfs sysfs, PciSysfsDevice device) =>
        device is { IommuGroup: { } group, IsNoIommuGroup: false } && sysfs.Culprits(group) is [{ } first, ..] ? first : null;

    /// <summary>Says what a refusal of the kernel means when a function is opened; the same error number means different things at different calls.</summary>
    internal static PciDeviceException Explain(LinuxException failure, PciSysfsDevice device, string path, PciSysfs sysfs, string module) => failure switch
    {
        // iommufd has no question for a group's state: it refuses to bind.
        { Errno: Errno.EBUSY or Errno.EPERM, Call: not "open" } when Culprit(sysfs, device) is not null => NotViable(sysfs, device),
        { Errno: Errno.EINVAL, Call: BindToIommufd } when !IsInUse(sysfs, device) => new(
            PciDeviceFault.NotSupported, $"iommufd does not take {device.Address} ({failure.Errno}), as an IOMMU that does not keep caches coherent: use its group ('vfio')", failure),
        { Errno: Errno.EBUSY } or { Errno: Errno.EINVAL, Call: BindToIommufd } => new(
            PciDeviceFault.Busy, $"{device.Address} is in use by another process (it has {path} or its group): end that one first", failure),
        { Errno: Errno.EPERM } when device.IsNoIommuGroup => new(
            PciDeviceFault.NotPermitted, $"{device.Address} is used without an IOMMU, which needs CAP_SYS_RAWIO ({failure.Call}: {failure.Errno}): run as root", failure),
        { Errno: Errno.EPERM, Call: "VFIO_SET_IOMMU" or BindToIommufd or "VFIO_DEVICE_ATTACH_IOMMUFD_PT" } => new(
            PciDeviceFault.NotPermitted,
            $"the IOMMU in front of {device.Address} does not keep interrupts apart: enable interrupt remapping, or trust the device: "
            + $"echo 1 > {sysfs.Root}/module/{module}/parameters/allow_unsafe_interrupts",
            failure),
        { Errno: Errno.EPERM or Errno.EACCES, Call: "open" } => new(
            PciDeviceFault.NotPermitted, $"{path} may not be opened by this user ({failure.Errno}): run as root, or change its owner", failure),
        { Errno: Errno.ENOENT, Call: "open" } => new(
            PciDeviceFault.NotSupported, $"{failure.Detail}, it is not there: load the module vfio-pci, and look whether /dev is mounted as devtmpfs", failure),
        _ => PciFailure.From(failure, $"opening {device.Address}"),
    };
}
