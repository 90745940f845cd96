// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Busbar.Bench;

namespace Busbar.Cli;

/// <summary>Every shape of JSON that the program prints or reads, compiled ahead so that nothing is found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LabReport))]
[JsonSerializable(typeof(LabLinksReport))]
[JsonSerializable(typeof(StoryReport))]
[JsonSerializable(typeof(TopologyReport))]
[JsonSerializable(typeof(DiscoverReport))]
[JsonSerializable(typeof(PingReport))]
[JsonSerializable(typeof(TableReport))]
[JsonSerializable(typeof(RequestReport))]
[JsonSerializable(typeof(EchoLine))]
[JsonSerializable(typeof(BenchPeerReport))]
[JsonSerializable(typeof(TreeReport))]
[JsonSerializable(typeof(MonitorLine))]
[JsonSerializable(typeof(PeerReport))]
[JsonSerializable(typeof(SendReport))]
[JsonSerializable(typeof(WindowReport))]
[JsonSerializable(typeof(EventLine))]
[JsonSerializable(typeof(PciListReport))]
[JsonSerializable(typeof(PciShowReport))]
[JsonSerializable(typeof(PciBindReport))]
[JsonSerializable(typeof(PciAccessReport))]
[JsonSerializable(typeof(PciInterruptEvent))]
[JsonSerializable(typeof(BenchStackReport))]
[JsonSerializable(typeof(MmbiBenchReport))]
[JsonSerializable(typeof(LinkBenchReport))]
[JsonSerializable(typeof(ForwardBenchReport))]
[JsonSerializable(typeof(ScaleBenchReport))]
internal sealed partial class BusbarJson : JsonSerializerContext
{
    /// <summary>Prints one object on one line of stdout.</summary>
    public static void WriteLine<T>(T value, JsonTypeInfo<T> type) => Console.Out.WriteLine(JsonSerializer.Serialize(value, type));
}
