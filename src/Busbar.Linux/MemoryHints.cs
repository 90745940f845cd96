// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What would make memory faster; each hint is dropped silently where the kernel cannot follow it.</summary>
[Flags]
public enum MemoryHints
{
    /// <summary>Ordinary pages, mapped when first touched.</summary>
    None = 0,

    /// <summary>Huge pages: reserved ones when there are any, transparent ones otherwise.</summary>
    HugePages = 1,

    /// <summary>All pages are present before the first access, so that no packet pays for a page fault.</summary>
    Populate = 2,
}
