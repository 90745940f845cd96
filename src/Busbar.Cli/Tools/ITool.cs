// SPDX-License-Identifier: Apache-2.0
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>One of the small programs of <see cref="ToolProgram"/>.</summary>
internal interface ITool
{
    /// <summary>Its arguments, for the usage line.</summary>
    string Grammar { get; }

    /// <summary>Reads its arguments.</summary>
    /// <exception cref="MctpFailure">They make no sense.</exception>
    void Read(MctpWords words);

    /// <summary>Does its work.</summary>
    /// <returns>The exit status.</returns>
    int Run(IMctpSocketSource source, TextWriter output, CancellationToken stop);
}
