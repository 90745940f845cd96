// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>Calls on memory objects and mappings: memfd_create, mmap, munmap, madvise.</summary>
internal static unsafe partial class NativeMemoryMap
{
    public const uint MFD_CLOEXEC = 1;
    public const uint MFD_ALLOW_SEALING = 2;
    public const uint MFD_HUGETLB = 4;

    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int PROT_NONE = 0;
    public const int MAP_SHARED = 1;
    public const int MAP_PRIVATE = 2;
    public const int MAP_FIXED = 0x10;
    public const int MAP_NORESERVE = 0x4000;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MAP_POPULATE = 0x8000;
    public const int MADV_HUGEPAGE = 14;
    public const nint MAP_FAILED = -1;

    // linux/magic.h
    private const long HugetlbMagic = 0x958458F6;

    // struct statfs of 64-bit Linux begins with the type and has 120 bytes.
    private const int FileSystemWords = 15;

    /// <summary>True when an object consists of huge pages.</summary>
    public static bool IsHuge(FileDescriptor descriptor)
    {
        long* status = stackalloc long[FileSystemWords];

        // SAFETY: the buffer has the size of the structure.
        return FileSystemOf(descriptor, status) == 0 && status[0] == HugetlbMagic;
    }

    /// <summary>Copies between two places of this process by the kernel, which fails where an access of our own would raise SIGBUS.</summary>
    /// <param name="own">Private memory.</param>
    /// <param name="shared">A mapping.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="isWrite">True to copy into the mapping.</param>
    public static bool TryCopy(byte* own, byte* shared, nuint length, bool isWrite)
    {
        // The kernel copies at most 2 GiB less a page in one go, and may stop early where a page fails.
        for (nuint done = 0; done < length;)
        {
            // SAFETY: the caller vouches for both ranges.
            var local = new IoVector { Base = own + done, Length = length - done };
            var remote = new IoVector { Base = shared + done, Length = length - done };
            nint count = isWrite
                ? WriteProcess(Environment.ProcessId, &local, 1, &remote, 1, 0)
                : ReadProcess(Environment.ProcessId, &local, 1, &remote, 1, 0);
            if (count <= 0) return false;
            done += (nuint)count;
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int FileSystemOf(FileDescriptor fd, long* status);

    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    private static partial nint ReadProcess(int process, IoVector* local, nuint locals, IoVector* remote, nuint remotes, nuint flags);

    [LibraryImport("libc", EntryPoint = "process_vm_writev", SetLastError = true)]
    private static partial nint WriteProcess(int process, IoVector* local, nuint locals, IoVector* remote, nuint remotes, nuint flags);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    public static partial int MemfdCreate(byte* name, uint flags);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, FileDescriptor fd, long offset);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint MapAnonymous(nint address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(nint address, nuint length, int advice);
}
