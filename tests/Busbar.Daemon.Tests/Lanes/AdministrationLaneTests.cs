// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>Documents that a client of ours would not send.</summary>
public sealed class AdministrationLaneTests
{
    private const string Bus = """
        backend = "user"
        [[link]]
        name = "bus0"
        role = "unknown"
        emulate = { endpoints = 1 }
        addresses = [8]
        """;

    [Theory]
    [InlineData("""{"id":7,"method":"addNeighbour","neighbour":{"link":1,"eid":9,"address":null}}""")]
    [InlineData("""{"id":7,"method":"addRoute","route":{"first":-1,"last":9,"link":1}}""")]
    [InlineData("""{"id":7,"method":"addRoute","route":{"first":9,"last":9,"link":1,"mtu":-5}}""")]
    [InlineData("""{"id":7,"method":"setRole","link":1,"role":"7"}""")]
    [InlineData("""{"id":7,"method":"setRole","link":1,"role":"BusOwner, Endpoint"}""")]
    [InlineData("""{"id":7,"method":"setRole","link":1}""")]
    [InlineData("""{"id":7,"method":"setLink","link":1,"mtu":-1}""")]
    [InlineData("""{"id":7,"method":"assignBridgeStatic","link":1,"address":"0a","eid":300,"poolSize":-3}""")]
    [InlineData("""{"id":7,"method":"setupEndpoint","link":1,"address":"zz"}""")]
    [InlineData("""{"id":7}""")]
    public void Request_ThatMakesNoSense_IsAnsweredWithAnError(string request)
    {
        using var daemon = new RunningDaemon(Bus);
        using UnixPackets client = DaemonConnector.Connect(daemon.SocketPath, LaneKind.Administration);

        JsonElement answer = Ask(client, request);

        Assert.Equal(7, answer.GetProperty("id").GetInt64());
        Assert.NotEqual("", answer.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal("Unknown", Ask(client, """{"id":8,"method":"links"}""").GetProperty("links")[0].GetProperty("role").GetString());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"id":"x","method":"links"}""")]
    [InlineData("""{"id":1,"method":"noSuchMethod"}""")]
    [InlineData("""{"id":1,"method":"setupEndpoint","link":1,"address":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]}")]
    public void Document_ThatIsNoRequest_EndsThisClientAlone(string document)
    {
        using var daemon = new RunningDaemon(Bus);
        using UnixPackets bad = DaemonConnector.Connect(daemon.SocketPath, LaneKind.Administration);
        using UnixPackets good = DaemonConnector.Connect(daemon.SocketPath, LaneKind.Administration);

        bad.TrySend([0, .. Encoding.UTF8.GetBytes(document)]);

        // Whether it is refused or ends the connection is the daemon's business; that others go on is not.
        Assert.True(bad.Wait(PollEvents.Readable, 20_000), "neither an answer nor an end");
        Assert.Equal(1, Ask(good, """{"id":1,"method":"daemon"}""").GetProperty("id").GetInt64());
    }

    private static JsonElement Ask(UnixPackets client, string request)
    {
        byte[] packet = new byte[DocumentStream.LongestPacket];
        var documents = new DocumentStream(1 << 20);
        Assert.Equal(SendResult.Sent, client.TrySend([0, .. Encoding.UTF8.GetBytes(request)]));
        while (true)
        {
            Assert.True(client.Wait(PollEvents.Readable, 20_000), $"no answer to {request}");
            Assert.Equal(ReceiveResult.Received, client.TryReceive(packet, out int count));
            Assert.True(documents.TryTake(packet.AsSpan(0, count), out bool isWhole));
            if (isWhole) return JsonDocument.Parse(documents.Document.ToArray()).RootElement;
        }
    }
}
