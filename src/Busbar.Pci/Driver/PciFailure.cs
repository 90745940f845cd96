// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>Turns what the kernel answers into what a user can act on.</summary>
internal static class PciFailure
{
    /// <summary>Runs something that asks the kernel.</summary>
    public static T Guard<T>(Func<T> action, string what)
    {
        try
        {
            return action();
        }
        catch (LinuxException failure)
        {
            throw From(failure, what);
        }
    }

    /// <summary>A register of configuration space that could not be read or written.</summary>
    public static PciDeviceException NoAnswer(string name, int offset, string verb) =>
        new(PciDeviceFault.Failed, $"{verb} configuration register 0x{offset:x} of {name} failed: the device may have gone");

    /// <summary>The refusal that belongs to an error number, where no more is known.</summary>
    public static PciDeviceException From(LinuxException failure, string what) => failure.Errno switch
    {
        Errno.EACCES or Errno.EPERM => new(PciDeviceFault.NotPermitted, $"{what} is not allowed ({failure.Call}: {failure.Errno}): run as root", failure),
        Errno.EBUSY => new(PciDeviceFault.Busy, $"{what}: another process or driver has it ({failure.Call})", failure),
        Errno.ENODEV or Errno.ENXIO => new(PciDeviceFault.NotFound, $"{what}: the device has gone ({failure.Call}: {failure.Errno})", failure),
        Errno.ENOTTY or Errno.EOPNOTSUPP or Errno.ENOSYS => new(PciDeviceFault.NotSupported, $"{what}: the kernel or the device cannot ({failure.Call}: {failure.Errno})", failure),
        _ => new(PciDeviceFault.Failed, $"{what} failed: {failure.Message}", failure),
    };
}
