// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>The <c>busbar</c> program, and the programs that it stands in for when it is invoked by their names.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // Each stand-in comes before the command tree is built: scripts call them hundreds of times.
        string name = ProgramName.Current;
        if (ProgramName.Matches(name, MctpProgram.Name)) return MctpProgram.Start(name, arguments);
        if (ToolProgram.Answers(name)) return ToolProgram.Start(name, arguments);
        if (ProgramName.Matches(name, MctpdProgram.Name)) return MctpdProgram.Start(name, arguments);
        return Invocation.Run(arguments);
    }
}
