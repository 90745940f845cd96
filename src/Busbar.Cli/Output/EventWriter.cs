// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Busbar.Cli;

/// <summary>Prints the events of a long-running command on stdout, each on a line of its own. Any thread.</summary>
internal sealed class EventWriter
{
    private readonly LineWriter _output = new();
    private readonly bool _json;

    public EventWriter(bool json) => _json = json;

    public void Write(EventLine line) => _output.Write(_json ? JsonSerializer.Serialize(line, BusbarJson.Default.EventLine) : line.ToText());
}
