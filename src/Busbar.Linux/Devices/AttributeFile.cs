// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Linux;

/// <summary>The small text files of sysfs: one value each, read whole and written with one call, which the kernel answers with an error number.</summary>
public static unsafe class AttributeFile
{
    private const int LongestText = 4096;

    /// <summary>Reads a value.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The first 4096 bytes as text without white space around it; null when there is no such file or it cannot be read.</returns>
    public static string? TryRead(string path)
    {
        using FileDescriptor? file = FilePath.TryOpen(path, NativeFile.O_RDONLY | NativeFile.O_NONBLOCK);
        if (file is null) return null;
        Span<byte> buffer = stackalloc byte[LongestText];

        // SAFETY: the buffer lies on the stack, and the call writes at most its size.
        nint length;
        fixed (byte* target = buffer) length = NativeDevice.ReadAt(file, target, LongestText, 0);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer[..(int)length]).Trim('\0', '\n', '\r', ' ', '\t');
    }

    /// <summary>Writes a value into a file that exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">The value.</param>
    /// <returns><see cref="Errno.None"/>, or why the kernel did not take it.</returns>
    public static Errno TryWrite(string path, string text)
    {
        using FileDescriptor? file = FilePath.TryOpen(path, NativeFile.O_RDWR | NativeFile.O_NONBLOCK) ?? FilePath.TryOpen(path, NativeFile.O_WRONLY | NativeFile.O_NONBLOCK);
        if (file is null) return NativeError.Last;
        byte[] bytes = Encoding.UTF8.GetBytes(text);

        // SAFETY: the array is pinned for the call, which reads at most its size.
        fixed (byte* source = bytes)
        {
            nint written = NativeDevice.WriteAt(file, source, (nuint)bytes.Length, 0);
            return written == bytes.Length ? Errno.None : written < 0 ? NativeError.Last : Errno.EIO;
        }
    }
}
