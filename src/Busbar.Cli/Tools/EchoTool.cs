// SPDX-License-Identifier: Apache-2.0
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>mctp-echo: answers echo requests until it is stopped.</summary>
internal sealed class EchoTool : ITool
{
    public string Grammar => "(no arguments)";

    public void Read(MctpWords words) => words.EnsureEnd();

    public int Run(IMctpSocketSource source, TextWriter output, CancellationToken stop)
    {
        using var server = new EchoServer(source);
        server.Serve(
            request =>
            {
                output.WriteLine(request.ToText());
                output.Flush();
            },
            stop);
        return 0;
    }
}
