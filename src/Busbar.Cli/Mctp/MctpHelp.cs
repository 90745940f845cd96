// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What the <c>mctp</c> program says about itself; all of it on stderr.</summary>
internal static class MctpHelp
{
    /// <summary>The commands; a word stands for the first that it starts.</summary>
    public static readonly string[] Commands = ["link", "address", "route", "neighbour", "monitor", "help"];

    public static void WriteUsage(TextWriter writer, string name)
    {
        writer.WriteLine($"usage: {name} [-h | --help] [-v | --verbose] COMMAND [ARGUMENT]...");
        writer.WriteLine("commands, which may be shortened:");
        foreach (string command in Commands) writer.WriteLine($"  {command}");
    }

    public static void WriteAll(TextWriter writer, string name)
    {
        WriteUsage(writer, name);
        foreach (string command in Commands) Write(writer, name, command);
    }

    public static void Write(TextWriter writer, string name, string command)
    {
        string[] lines = command switch
        {
            "link" =>
            [
                "link [show] [IFNAME]",
                "link set IFNAME [up | down] [mtu N] [network N | net N] [bus-owner PHYSADDR]",
                "link serial TTY",
            ],
            "address" => ["address [show] [IFNAME]", "address add EID dev IFNAME", "address del EID dev IFNAME"],
            "route" =>
            [
                "route [show] [net N]",
                "route add EID[-EID] via IFNAME [mtu N]",
                "route add EID[-EID] gw EID [net N] [mtu N]",
                "route del EID[-EID] via IFNAME",
                "route del EID[-EID] gw EID [net N]",
            ],
            "neighbour" => ["neigh [show] [dev IFNAME]", "neigh add EID dev IFNAME lladdr HEX[:HEX]...", "neigh del EID dev IFNAME"],
            "monitor" => ["monitor"],
            _ => ["help"],
        };
        foreach (string line in lines) writer.WriteLine($"{name} {line}");
    }
}
