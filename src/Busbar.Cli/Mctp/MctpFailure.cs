// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Ends the <c>mctp</c> program with one line on stderr and status 1.</summary>
internal sealed class MctpFailure : Exception
{
    public MctpFailure(string message)
        : base(message)
    {
    }
}
