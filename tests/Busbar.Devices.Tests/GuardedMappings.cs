// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Busbar.Linux;

namespace Busbar.Devices.Tests;

/// <summary>Puts pages that nobody may touch around every shared mapping of the tests: an access outside of a window or of a client's memory ends the process on the spot.</summary>
internal static class GuardedMappings
{
#pragma warning disable CA2255 // Before the first mapping is made, whichever test makes it.
    [ModuleInitializer]
    internal static void Begin() => MemoryMapping.Guard = new MappingGuard(canaryPages: 0);
#pragma warning restore CA2255
}
