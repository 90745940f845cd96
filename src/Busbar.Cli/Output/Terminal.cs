// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What the standard streams are connected to, and so how much decoration they get.</summary>
internal static class Terminal
{
    /// <summary>Tables and colour on stdout: only on a terminal, and not when NO_COLOR (no-color.org) or TERM=dumb ask for plain text.</summary>
    public static bool IsRich => !Console.IsOutputRedirected && IsDecorated;

    /// <summary>Progress lines on stderr: only on a terminal.</summary>
    public static bool ShowsProgress => !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Text of a good verdict on stdout: green where colours are wanted.</summary>
    public static string Good(string text) => IsRich ? $"\e[32m{text}\e[0m" : text;

    /// <summary>Text of a bad verdict on stdout: red where colours are wanted.</summary>
    public static string Bad(string text) => IsRich ? $"\e[31m{text}\e[0m" : text;

    private static bool IsDecorated =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
}
