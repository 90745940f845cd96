// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What makes a file the same file, however many descriptors lead to it: its file system and its inode.</summary>
/// <param name="DeviceMajor">Major number of the file system's device.</param>
/// <param name="DeviceMinor">Minor number.</param>
/// <param name="Inode">Number of the file there.</param>
public readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <summary>Asks for the identity of the file behind a descriptor.</summary>
    /// <param name="descriptor">Any descriptor.</param>
    /// <exception cref="LinuxException">The descriptor is closed or of no kind that has an identity.</exception>
    public static FileIdentity Of(FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Statx status = descriptor.Stat();
        return new FileIdentity(status.DeviceMajor, status.DeviceMinor, status.Inode);
    }
}
