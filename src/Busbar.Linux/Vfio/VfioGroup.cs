// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Devices that an IOMMU cannot tell apart (/dev/vfio/N); one process has them all.</summary>
public sealed unsafe class VfioGroup : IDisposable
{
    private readonly FileDescriptor _descriptor;
    private readonly string _path;

    private VfioGroup(FileDescriptor descriptor, string path)
    {
        _descriptor = descriptor;
        _path = path;
    }

    /// <summary>True when no device of the group is in the hands of an ordinary driver.</summary>
    public bool IsViable
    {
        get
        {
            // SAFETY: the structure lies on the stack and has the size it says.
            var status = new NativeVfio.GroupStatus { ArgSize = (uint)sizeof(NativeVfio.GroupStatus) };
            LinuxException.Check(
                NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_GROUP_GET_STATUS, &status), "VFIO_GROUP_GET_STATUS", $"Asking for the state of '{_path}' failed");
            return (status.Flags & NativeVfio.VFIO_GROUP_FLAGS_VIABLE) != 0;
        }
    }

    /// <summary>Opens a group.</summary>
    /// <param name="path">/dev/vfio/N, or /dev/vfio/noiommu-N.</param>
    /// <exception cref="LinuxException">ENOENT: no device of it is bound to VFIO; EBUSY: another process has it; EPERM or EACCES: not allowed.</exception>
    public static VfioGroup Open(string path) =>
        new(FilePath.TryOpen(path, NativeFile.O_RDWR) ?? throw LinuxException.Last("open", $"Opening '{path}' failed"), path);

    /// <summary>Joins a container.</summary>
    /// <param name="container">The container.</param>
    /// <exception cref="LinuxException">The kernel refuses; EINVAL also when the group is not viable.</exception>
    public void Join(VfioContainer container)
    {
        // SAFETY: the kernel reads one integer, which lies on the stack; the reference keeps its meaning during the call.
        bool held = false;
        try
        {
            container.Descriptor.DangerousAddRef(ref held);
            int number = container.Descriptor.Number;
            LinuxException.Check(
                NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_GROUP_SET_CONTAINER, &number), "VFIO_GROUP_SET_CONTAINER", $"Joining '{_path}' to a container failed");
        }
        finally
        {
            if (held) container.Descriptor.DangerousRelease();
        }
    }

    /// <summary>Opens a device of the group.</summary>
    /// <param name="name">As sysfs calls it: 0000:00:04.0.</param>
    /// <exception cref="LinuxException">The kernel refuses: ENODEV for a device of another group, EINVAL before the kind of IOMMU is set.</exception>
    public VfioDevice OpenDevice(string name)
    {
        // SAFETY: the array is zero-terminated and pinned for the call.
        fixed (byte* native = FilePath.ToNative(name))
        {
            int fd = LinuxException.Check(
                NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_GROUP_GET_DEVICE_FD, native), "VFIO_GROUP_GET_DEVICE_FD", $"Opening the device {name} failed");
            return VfioDevice.Adopt(new FileDescriptor(fd), name);
        }
    }

    /// <summary>Closes the group.</summary>
    public void Dispose() => _descriptor.Dispose();
}
