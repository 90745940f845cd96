// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>The hidden <c>--parent</c> option, for programs that start one of ours and may be killed: it then ends, too, whatever it is doing.</summary>
internal static class ParentOption
{
    public static Option<int> Create()
    {
        Option<int> option = OptionKinds.Number("--parent", "Process whose end is also ours.", "PID", 0, 0, int.MaxValue);
        option.Hidden = true;
        return option;
    }

    /// <summary>From now on the end of the parent is heard.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">What <see cref="Create"/> made.</param>
    /// <param name="signal">What the end of the parent does to us.</param>
    /// <returns>False when the parent is gone already.</returns>
    public static bool TryFollow(ParseResult parsed, Option<int> option, Signal signal = Signal.Terminate) =>
        parsed.GetValue(option) is not (var parent and not 0) || ParentDeathSignal.Arm(signal, parent);
}
