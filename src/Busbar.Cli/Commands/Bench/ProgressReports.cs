// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Shows what a library reports on the progress line.</summary>
internal sealed class ProgressReports : IProgress<string>
{
    private readonly Progress _line;

    public ProgressReports(Progress line) => _line = line;

    public void Report(string value) => _line.Show(value);
}
