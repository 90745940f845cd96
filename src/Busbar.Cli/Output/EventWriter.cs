// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>
/// Prints the events of a long-running command on stdout, each on a line of its own, at once, and in one piece: a process that is killed leaves no half line to whoever reads them. Any
/// thread.
/// </summary>
internal sealed class EventWriter
{
    private readonly Lock _gate = new();
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly bool _json;

    public EventWriter(bool json) => _json = json;

    public void Write(EventLine line)
    {
        string text = (_json ? System.Text.Json.JsonSerializer.Serialize(line, BusbarJson.Default.EventLine) : line.ToText()) + '\n';
        byte[] bytes = Console.OutputEncoding.GetBytes(text);
        lock (_gate)
        {
            try
            {
                _output.Write(bytes);
            }
            catch (IOException)
            {
                // Whoever read our events has gone; the link is worth more than the log.
            }
        }
    }
}
