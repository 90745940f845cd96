// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What the process returns; the same for every command and listed in every help text.</summary>
internal static class ExitCode
{
    /// <summary>The command did what it was asked, and the verdict is good.</summary>
    public const int Success = 0;

    /// <summary>The command worked, and its verdict is negative.</summary>
    public const int Negative = 1;

    /// <summary>The arguments, or the configuration they name, are wrong.</summary>
    public const int Usage = 2;

    /// <summary>Nobody there, or no answer in time.</summary>
    public const int Unreachable = 3;

    /// <summary>The peer answered wrongly or with an error.</summary>
    public const int PeerError = 4;

    /// <summary>A privilege or a facility of the system is missing.</summary>
    public const int MissingFacility = 5;

    /// <summary>A defect of this program (EX_SOFTWARE of sysexits.h).</summary>
    public const int Internal = 70;
}
