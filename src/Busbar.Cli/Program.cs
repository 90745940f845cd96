// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>The <c>busbar</c> program.</summary>
internal static class Program
{
    private static int Main(string[] arguments) => Invocation.Run(arguments);
}
