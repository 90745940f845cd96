// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Busbar.Linux;

/// <summary>Gives files to groups.</summary>
public static unsafe class FileGroup
{
    private const string Groups = "/etc/group";

    /// <summary>Gives a file to a group; its owner stays.</summary>
    /// <param name="path">The file.</param>
    /// <param name="group">A name of /etc/group, or a number.</param>
    /// <exception cref="LinuxException">There is no such group (ENOENT), or the process may not give files to it (EPERM).</exception>
    public static void Set(string path, string group)
    {
        if (!TryFind(group, out uint id)) throw new LinuxException(Errno.ENOENT, "chown", $"There is no group '{group}' in {Groups} for '{path}'");

        // SAFETY: the path is zero-terminated by ToNative and pinned during the call.
        fixed (byte* name = FilePath.ToNative(path))
            LinuxException.Check(NativeFile.ChangeOwner(name, uint.MaxValue, id), "chown", $"Giving '{path}' to the group '{group}' failed");
    }

    private static bool TryFind(string group, out uint id)
    {
        if (uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out id)) return true;
        try
        {
            foreach (string line in File.ReadLines(Groups))
            {
                string[] fields = line.Split(':');
                if (fields.Length >= 3 && fields[0] == group && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out id)) return true;
            }
        }
        catch (IOException)
        {
            // A system without the file has no groups by name.
        }

        return false;
    }
}
