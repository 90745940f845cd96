// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Busbar.Daemon;

namespace Busbar.Fuzz;

/// <summary>Configuration files of the daemon: TOML, and what it means.</summary>
internal sealed class ConfigurationTarget : IFuzzTarget
{
    public string Name => "configuration";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        yield return ("mctpd", """
            mode = "bus-owner"
            [mctp]
            message_timeout_ms = 30
            uuid = "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"
            [bus-owner]
            dynamic_eid_range = [8, 254]
            max_pool_size = 15
            endpoint_poll_ms = 2500
            [[interface]]
            match = { phys-type = "I2C" }
            role = "endpoint"
            [[interface]]
            match = "all"
            """u8.ToArray());
        yield return ("busbar", """
            backend = "user"
            forward = true
            [bus-owner]
            reservations = [ { link = "a", eid = 0x1e, address = "0x1d" } ]
            [[link]]
            name = "a"
            link = "mmbi:shm:/dev/shm/a,size=64K"
            network = 2
            addresses = [8]
            scan = ["0x10-0x1f", '07:ec:80']
            [[route]]
            eids = "40-49"
            via = "a"
            [[neighbour]]
            link = "a"
            eid = 9
            address = "0x1d"
            [daemon]
            socket = ""
            services = ["echo"]
            """u8.ToArray());
        yield return ("toml", "a.'b c' = [1, -2.5e3, 0b1_0, true, inf, \"\\u00e9\\n\", '''x''', \"\"\"\n\\\n y\"\"\", { k = {} }] # c\r\n[t]\n[[t.u]]\n"u8.ToArray());
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        try
        {
            DaemonConfiguration read = ConfigurationFile.Parse(text, "f", ConfigurationDialect.Busbar);
            FuzzViolationException.Require(read.DynamicFirst.IsAssignable && read.DynamicLast.IsAssignable && read.DynamicFirst.Value <= read.DynamicLast.Value, "EIDs are in range");
            FuzzViolationException.Require(read.MaximumPoolSize is >= 1 and <= 246, "a pool is in range");
            FuzzViolationException.Require(read.Links.Select(link => link.Name).Distinct().Count() == read.Links.Count, "names of links are unique");
            FuzzViolationException.Require(read.Routes.All(route => route.First.Value <= route.Last.Value && route.Last.IsAssignable), "routes are ranges");
            ConfigurationText.Write(read, TextWriter.Null);
        }
        catch (ConfigurationException refusal)
        {
            FuzzViolationException.Require(!refusal.Message.Any(char.IsControl), "a refusal is one line");
            FuzzViolationException.Require(refusal.Position is { } place && place.Line <= text.Count(character => character == '\n') + 1 && place.Column >= 1, "a refusal has a place");
        }
    }
}
