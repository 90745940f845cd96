// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Prints the events of a long-running command on stdout, each on a line of its own and at once. Any thread.</summary>
internal sealed class EventWriter
{
    private readonly Lock _gate = new();
    private readonly bool _json;

    public EventWriter(bool json) => _json = json;

    public void Write(EventLine line)
    {
        string text = _json ? System.Text.Json.JsonSerializer.Serialize(line, BusbarJson.Default.EventLine) : line.ToText();
        lock (_gate)
        {
            try
            {
                Console.Out.WriteLine(text);
                Console.Out.Flush();
            }
            catch (IOException)
            {
                // Whoever read our events has gone; the link is worth more than the log.
            }
        }
    }
}
