// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>mctp-req, mctp-echo, mctp-bench and mctp-client against a real endpoint: arguments, lines and statuses.</summary>
public sealed class ToolProgramTests : IDisposable
{
    private readonly ToolPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Theory]
    [InlineData("eid 20", 4)]
    [InlineData("eid 20 net 1 len 0x100", 259)]
    [InlineData("eid 20 data 01:02:03:04", 7)]
    [InlineData("eid 20 len 0", 3)]
    public void Req_IsAnswered_WithTheLinesOfMctpReq(string arguments, int length)
    {
        (int status, string output, string error) = _pair.Run("mctp-req", arguments);

        Assert.Equal("", error);
        Assert.Equal($"req:  sending to (net 1, eid 20), type 0x7e\nreq:  message from (net 1, eid 20) type 0x7e len {length}\n", output);
        Assert.Equal(0, status);
    }

    [Fact]
    public void Req_AnswerDiffers_IsStatus1()
    {
        _pair.Endpoint.Node.Use((stack, _) => stack.SetService(MessageType.VendorPci, new WrongEcho()));

        (int status, _, string error) = _pair.Run("mctp-req", "eid 20 len 4");

        Assert.Equal((1, "mctp-req: byte 6 of the answer is 0xfc instead of 0x03\n"), (status, error));
    }

    [Fact]
    public void Req_WithoutRoute_IsStatus1()
    {
        (int status, _, string error) = _pair.Run("mctp-req", "eid 99");

        Assert.Equal(1, status);
        Assert.StartsWith("mctp-req: ", error, StringComparison.Ordinal);
        Assert.Contains("99", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_PrintsTheAnswersBytes()
    {
        (int status, string output, string error) = _pair.Run("mctp-client", "eid 20 type control data 80 02");

        Assert.Equal("", error);
        Assert.StartsWith("00 02 00 14 ", output, StringComparison.Ordinal);
        Assert.Equal(0, status);
    }

    [Fact]
    public void Client_TypeByNumber_IsTheSame() =>
        Assert.Equal("cc de f0 55\n", _pair.Run("mctp-client", "net 1 eid 20 type 0x7e data cc de f0 55").Output);

    [Fact]
    public async Task Echo_AnswersWhoeverAsks()
    {
        using var stop = new CancellationTokenSource();
        Task<(int Status, string Output, string Error)> echo = Task.Run(() => _pair.Run("mctp-echo", "", stop.Token), TestContext.Current.CancellationToken);
        using var client = new EchoClient(_pair.Endpoint.Node, _pair.Endpoint.Peer(new Eid(8), MessageType.VendorPci));
        var tally = new EchoTally { Size = 64 };

        // Without the service of the node only the program answers, once it has bound its socket.
        _pair.Client.Node.Use((stack, _) => stack.SetService(MessageType.VendorPci, null));
        EchoOutcome outcome = EchoOutcome.Lost;
        for (int i = 0; i < 100 && outcome != EchoOutcome.Intact; i++) outcome = client.Ask(tally, TimeSpan.FromMilliseconds(100)).Outcome;
        await stop.CancelAsync();
        (int status, string output, _) = await echo;

        Assert.Equal(EchoOutcome.Intact, outcome);
        Assert.Contains("echo: message from (net 1, eid 20), tag ", output, StringComparison.Ordinal);
        Assert.EndsWith(", type 0x7e: len 64, responding\n", output, StringComparison.Ordinal);
        Assert.Equal(0, status);
    }

    [Fact]
    public void Bench_ReceivesARunThatItAskedFor()
    {
        (int status, _, string error) = _pair.Run("mctp-bench", "recv eid 1,20 len 64 count 50");

        Assert.Equal((0, ""), (status, error));
    }

    [Fact]
    public void Bench_SendsUntilItIsStopped()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        (int status, _, string error) = _pair.Run("mctp-bench", "send eid 20 len 100", stop.Token);

        Assert.Equal((0, ""), (status, error));
        Assert.True(_pair.Endpoint.Node.Read((_, _) => _pair.Endpoint.Bench.Received.Received) > 0);
    }

    [Fact]
    public void BenchLine_IsTheOneOfMctpBench() =>
        Assert.Equal("Throughput: 1234.57 kB/s | Received: 0 msgs | Dropped: 0 msgs | Invalid: 0 msgs", BenchTool.Line(1_234_567, new BenchTally()));

    [Theory]
    [InlineData("mctp-req", "peer 9", "peer")]
    [InlineData("mctp-req", "eid", "EID")]
    [InlineData("mctp-req", "eid 256", "256")]
    [InlineData("mctp-req", "net 0", "0")]
    [InlineData("mctp-req", "ifindex 3", "lladdr")]
    [InlineData("mctp-req", "lladdr 1d", "ifindex")]
    [InlineData("mctp-req", "len 70000", "70000")]
    [InlineData("mctp-req", "len 3 data 01", "contradicts")]
    [InlineData("mctp-req", "data 0g", "0g")]
    [InlineData("mctp-echo", "9", "'9'")]
    [InlineData("mctp-bench", "", "send")]
    [InlineData("mctp-bench", "both", "both")]
    [InlineData("mctp-bench", "send", "eid")]
    [InlineData("mctp-bench", "send eid x,9", "'x'")]
    [InlineData("mctp-bench", "send eid 9 count 1", "count")]
    [InlineData("mctp-bench", "recv len 8", "at least")]
    [InlineData("mctp-client", "eid 9 type pldm", "data")]
    [InlineData("mctp-client", "eid 9 data 01", "type")]
    [InlineData("mctp-client", "type pldm data 01", "eid")]
    [InlineData("mctp-client", "eid 9 type zigbee data 01", "zigbee")]
    [InlineData("mctp-client", "eid 9 type pldm data 01 xx", "xx")]
    public void Arguments_Wrong_AreNamedWithTheUsage(string name, string arguments, string culprit)
    {
        (int status, string output, string error) = _pair.Run(name, arguments);

        Assert.Equal((255, ""), (status, output));
        Assert.Contains(culprit, error.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains($"usage: {name} ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mctp-req", true)]
    [InlineData("test-mctp-echo", true)]
    [InlineData("mctp", false)]
    [InlineData("req", false)]
    public void Name_DecidesWhetherItIsATool(string name, bool expected) => Assert.Equal(expected, ToolProgram.Answers(name));

    private sealed class WrongEcho : IMctpService
    {
        public void Handle(MctpStack stack, in MctpMessage message, long now)
        {
            byte[] answer = message.Body.ToArray();
            answer[^1] ^= 0xFF;
            message.Reply(answer);
        }
    }
}
