// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Cli;

/// <summary>The name that the program was invoked by, so that a link to it under another name can be another program.</summary>
internal static class ProgramName
{
    private const string CommandLineFile = "/proc/self/cmdline";
    private const int LongestName = 4096;

    /// <summary>The last part of argv[0]; <c>busbar</c> when the system does not tell.</summary>
    /// <remarks>The runtime replaces argv[0] by the path of the assembly, and /proc/self/exe is what a link leads to, so only this file is left.</remarks>
    public static string Current
    {
        get
        {
            try
            {
                using FileStream file = File.OpenRead(CommandLineFile);
                byte[] bytes = new byte[LongestName];
                int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
                int end = Array.IndexOf(bytes, (byte)0, 0, length);
                return Path.GetFileName(Encoding.UTF8.GetString(bytes, 0, end < 0 ? length : end));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return "busbar";
            }
        }
    }

    /// <summary>Whether a name stands for a program: the name itself, or one that ends in it behind a hyphen, as <c>test-mctp</c> does.</summary>
    public static bool Matches(string name, string program) =>
        name.EndsWith(program, StringComparison.Ordinal) && (name.Length == program.Length || name[name.Length - program.Length - 1] == '-');
}
