// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Busbar.Linux;

namespace Busbar.Fuzz;

/// <summary>
/// Puts every shared mapping of this process between guards, so that a touch outside of a window or of a client's memory is seen: a write into the next page when an input
/// ends, anything further at once. BUSBAR_FUZZ_GUARD=fatal puts the forbidden pages next to the mapping, so that reads are seen, too; then the process ends, and the input is the
/// one that <see cref="FuzzRun"/> kept.
/// </summary>
internal static class MappingWatch
{
    private const int CanaryPages = 1;

    /// <summary>True when any touch outside ends the process.</summary>
    public static bool IsFatal { get; } = Environment.GetEnvironmentVariable("BUSBAR_FUZZ_GUARD") == "fatal";

    /// <summary>The guards.</summary>
    public static MappingGuard Guard { get; } = new(IsFatal ? 0 : CanaryPages);

    /// <summary>Looks, at the end of one input.</summary>
    /// <exception cref="FuzzViolationException">Something outside of a mapping was written since the last look.</exception>
    public static void Check()
    {
        string? found = Guard.TakeFindings();
        FuzzViolationException.Require(found is null, $"nothing beside a mapping is written: {found}");
    }

#pragma warning disable CA2255 // Before the first mapping is made, whichever test or command makes it.
    [ModuleInitializer]
    internal static void Watch() => MemoryMapping.Guard = Guard;
#pragma warning restore CA2255
}
