// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Endpoints.Tests;

/// <summary>An endpoint (owner) and a bus owner (discoverer, EID 8) in one process, on a real window in a file.</summary>
internal sealed class HostPair : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("busbar-");

    public HostPair(EndpointOptions? endpoint = null)
    {
        string link = $"mmbi:shm:{_folder.FullName}/window";
        Endpoint = new EndpointHost(LinkOpener.Open(Parse(link + ",size=1M"), MmbiRole.Owner), endpoint);
        BusOwner = new EndpointHost(LinkOpener.Open(Parse(link), MmbiRole.Discoverer), new EndpointOptions { StaticEid = new Eid(8) });
        Xunit.Assert.True(BusOwner.Node.WaitUntilUp(BusOwner.Attachment, TimeSpan.FromSeconds(5)));
    }

    public EndpointHost Endpoint { get; }

    public EndpointHost BusOwner { get; }

    public void Dispose()
    {
        BusOwner.Dispose();
        Endpoint.Dispose();
        _folder.Delete(recursive: true);
    }

    private static LinkSpec Parse(string text)
    {
        Xunit.Assert.True(LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error), error);
        return spec;
    }
}
