// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A port of this machine; one that is unplugged may come back under its name.</summary>
internal sealed class TerminalLine(string path, int? baud) : SerialLine
{
    public override string Description => baud is { } bits ? $"terminal {path}, {bits} baud" : $"terminal {path}";

    public override int RetryMs => 500;

    public override ByteStream? TryOpen()
    {
        try
        {
            Terminal terminal = Terminal.Open(path, baud);
            return terminal.Stream;
        }
        catch (LinuxException failure)
        {
            Trouble = failure.Message;
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        // Between two streams there is nothing to keep.
    }
}
