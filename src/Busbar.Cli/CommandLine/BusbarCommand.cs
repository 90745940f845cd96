// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary>A command with what its help adds to the usual: notes and examples.</summary>
internal abstract class BusbarCommand : Command
{
    protected BusbarCommand(string name, string description)
        : base(name, description)
    {
    }

    /// <summary>Two or three real command lines.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Lines that are printed before the examples; what an exit code means here, for instance.</summary>
    public virtual IReadOnlyList<string> Notes => [];
}
