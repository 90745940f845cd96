// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary><c>busbar mmbi</c>: what concerns MMBI windows themselves.</summary>
internal sealed class MmbiCommand : Command
{
    public MmbiCommand()
        : base("mmbi", "Look at MMBI windows.")
    {
        Subcommands.Add(new MmbiShowCommand());
    }
}
