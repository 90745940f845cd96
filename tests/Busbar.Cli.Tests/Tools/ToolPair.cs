// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli.Tests;

/// <summary>An endpoint with EID 20 that answers echo and bench, and a node with EID 8 beside it, in one process.</summary>
internal sealed class ToolPair : IDisposable
{
    private readonly Place _place = new();

    public ToolPair()
    {
        Endpoint = new EndpointHost(LinkOpener.Open(Parse(_place.Shm(",size=1M")), MmbiRole.Owner), new EndpointOptions { StaticEid = new Eid(20) });
        Client = new EndpointHost(LinkOpener.Open(Parse(_place.Shm()), MmbiRole.Discoverer), new EndpointOptions { StaticEid = new Eid(8) });
        Client.Node.Use((stack, _) => stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(20), Client.Attachment.Link)));
        Endpoint.Node.Use((stack, _) => stack.AddRoute(MctpRoute.Direct(new Eid(8), new Eid(8), Endpoint.Attachment.Link)));
        Xunit.Assert.True(Client.Node.WaitUntilUp(Client.Attachment, TimeSpan.FromSeconds(5)));
    }

    public EndpointHost Endpoint { get; }

    public EndpointHost Client { get; }

    /// <summary>Runs a tool on the node with EID 8.</summary>
    public (int Status, string Output, string Error) Run(string name, string arguments, CancellationToken stop = default)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int status = new ToolProgram(name, () => Client.Node, output, error).Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), stop);
        return (status, output.ToString(), error.ToString());
    }

    public void Dispose()
    {
        Client.Dispose();
        Endpoint.Dispose();
        _place.Dispose();
    }

    private static LinkSpec Parse(string text)
    {
        Xunit.Assert.True(LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error), error);
        return spec;
    }
}
