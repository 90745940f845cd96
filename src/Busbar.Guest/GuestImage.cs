// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Guest;

/// <summary>The three files that a guest is made of.</summary>
/// <param name="Qemu">Path of a qemu-system-x86_64, 10.1 or newer.</param>
/// <param name="Kernel">Path of a bzImage.</param>
/// <param name="Initramfs">Path of an initramfs whose init starts our agent.</param>
public sealed record GuestImage(string Qemu, string Kernel, string Initramfs)
{
    private const string QemuVariable = "BUSBAR_QEMU";
    private const string KernelVariable = "BUSBAR_VM_KERNEL";
    private const string InitramfsVariable = "BUSBAR_VM_INITRAMFS";

    /// <summary>
    /// Finds the files: each by the environment variable of its name (BUSBAR_QEMU, BUSBAR_VM_KERNEL, BUSBAR_VM_INITRAMFS), else by
    /// <c>artifacts/guest/image</c> in a folder above the program, which <c>eng/vm/prepare</c> writes.
    /// </summary>
    /// <param name="image">The files; all exist.</param>
    /// <param name="missing">What is missing and how to get it, one line.</param>
    /// <returns>False when one is missing.</returns>
    public static bool TryLocate([NotNullWhen(true)] out GuestImage? image, [NotNullWhen(false)] out string? missing)
    {
        image = null;
        Dictionary<string, string> prepared = ReadPrepared();
        var found = new Dictionary<string, string>();
        foreach (string name in (string[])[QemuVariable, KernelVariable, InitramfsVariable])
        {
            string? path = Environment.GetEnvironmentVariable(name) is { Length: > 0 } named ? named : prepared.GetValueOrDefault(name);
            if (path is null)
            {
                missing = $"no guest image is prepared and {name} is not set; run eng/vm/prepare in the source tree";
                return false;
            }

            if (!File.Exists(path))
            {
                missing = $"{name} is '{path}', and no such file exists; run eng/vm/prepare in the source tree";
                return false;
            }

            found[name] = path;
        }

        image = new GuestImage(found[QemuVariable], found[KernelVariable], found[InitramfsVariable]);
        missing = null;
        return true;
    }

    /// <summary>As <see cref="TryLocate"/>.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="GuestException">One is missing.</exception>
    public static GuestImage Locate() =>
        TryLocate(out GuestImage? image, out string? missing) ? image : throw new GuestException(GuestError.ImageMissing, missing);

    private static Dictionary<string, string> ReadPrepared()
    {
        var result = new Dictionary<string, string>();
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "artifacts", "guest", "image");
            if (!File.Exists(file)) continue;
            foreach (string line in File.ReadLines(file))
            {
                int equals = line.IndexOf('=');
                if (equals > 0) result[line[..equals]] = line[(equals + 1)..];
            }

            break;
        }

        return result;
    }
}
