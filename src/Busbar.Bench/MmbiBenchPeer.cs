// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;

namespace Busbar.Bench;

/// <summary>
/// The answering process of <c>bench mmbi</c>. It reads one word a line, the name of the link to serve, serves it until the
/// measuring process says that it leaves, and answers <c>left</c>. Between two words it sleeps, so that it disturbs no other measurement.
/// </summary>
public static class MmbiBenchPeer
{
    /// <summary>Runs until the input ends.</summary>
    /// <param name="links">LINK arguments by name; this side owns the windows.</param>
    /// <param name="cpu">Processor to run on.</param>
    /// <param name="input">Words, one a line.</param>
    /// <param name="output"><c>ready</c>, then <c>left</c> after each word.</param>
    public static void Run(IReadOnlyDictionary<string, string> links, int cpu, TextReader input, TextWriter output)
    {
        CpuAffinity.PinCurrentThread(cpu);
        Dictionary<string, BenchNode> nodes = links.ToDictionary(link => link.Key, link => new BenchNode(link.Value, MmbiRole.Owner));
        try
        {
            output.WriteLine("ready");
            output.Flush();
            while (input.ReadLine() is { } word)
            {
                Serve(nodes[word]);
                output.WriteLine("left");
                output.Flush();
            }
        }
        finally
        {
            foreach (BenchNode node in nodes.Values) node.Dispose();
        }
    }

    private static void Serve(BenchNode node)
    {
        byte[] buffer = new byte[BenchProtocol.LongestBody];
        long messages = 0;
        long first = 0;
        long allocated = 0;
        long cpu = 0;
        while (true)
        {
            MctpReceiveResult received = node.Socket.ReceiveFrom(buffer);
            switch (buffer[0])
            {
                case BenchProtocol.Data:
                    if (messages++ == 0)
                    {
                        first = Stopwatch.GetTimestamp();
                        allocated = GC.GetAllocatedBytesForCurrentThread();
                        cpu = CpuTime.ThreadNanoseconds();
                    }

                    break;
                case BenchProtocol.Echo:
                    Answer(node, received, buffer.AsSpan(0, received.Length));
                    break;
                case BenchProtocol.Report:
                    var report = new StreamReport(
                        messages,
                        Stopwatch.GetTimestamp() - first,
                        GC.GetAllocatedBytesForCurrentThread() - allocated,
                        CpuTime.ThreadNanoseconds() - cpu);
                    report.Write(buffer);
                    Answer(node, received, buffer.AsSpan(0, StreamReport.Size));
                    messages = 0;
                    break;
                case BenchProtocol.Leave:
                    Answer(node, received, buffer.AsSpan(0, 1));
                    return;
            }
        }
    }

    private static void Answer(BenchNode node, in MctpReceiveResult request, ReadOnlySpan<byte> body)
    {
        MctpEndPoint asker = request.From;
        node.Socket.SendTo(body, asker with { Tag = asker.Tag.ToResponse() });
    }
}
