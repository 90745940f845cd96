// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// Every signature is blittable; without the runtime's marshalling a mistake is a compile-time error.
[assembly: DisableRuntimeMarshalling]
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
[assembly: InternalsVisibleTo("Busbar.BlackBox")]
[assembly: InternalsVisibleTo("Busbar.Devices.Tests")]
[assembly: InternalsVisibleTo("Busbar.Fuzz")]
[assembly: InternalsVisibleTo("Busbar.Linux.Tests")]
[assembly: InternalsVisibleTo("Busbar.Pci.Tests")]
[assembly: InternalsVisibleTo("Busbar.TestKit")]
