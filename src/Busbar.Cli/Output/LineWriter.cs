// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>
/// Prints lines on stdout while a command goes on, each at once and in one piece: a process that is killed leaves no half line to whoever reads them. Any thread.
/// </summary>
internal sealed class LineWriter
{
    private readonly Lock _gate = new();
    private Stream? _output;

    /// <summary>Prints a line.</summary>
    /// <param name="line">Its text, without an end of line.</param>
    public void Write(string line)
    {
        byte[] bytes = Console.OutputEncoding.GetBytes(line + '\n');
        lock (_gate)
        {
            try
            {
                _output ??= Console.OpenStandardOutput();
                _output.Write(bytes);
            }
            catch (IOException)
            {
                // Whoever read our lines has gone; what the command does is worth more than its log.
            }
        }
    }
}
