// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Somebody to talk to, over a link of ours or through the kernel.</summary>
internal sealed class PeerSession : IDisposable
{
    private readonly int _index;
    private readonly uint _network;

    private PeerSession(IMctpSocketSource source, LinkSession? link, int index, uint network, Eid target, string name)
    {
        Source = source;
        Link = link;
        _index = index;
        _network = network;
        Target = target;
        Name = name;
    }

    /// <summary>Where sockets come from.</summary>
    public IMctpSocketSource Source { get; }

    /// <summary>Our own link; null when the kernel has it.</summary>
    public LinkSession? Link { get; }

    /// <summary>The peer's EID; the null EID for whoever sits at the other end.</summary>
    public Eid Target { get; }

    /// <summary>The LINK, or <c>kernel</c> with its interface.</summary>
    public string Name { get; }

    public static PeerSession OnLink(LinkSpec spec, Eid local, Eid target, TimeSpan patience)
    {
        LinkSession link = LinkSession.Open(spec, local, patience);
        return new PeerSession(link.Node, link, link.Host.LinkIndex, 0, target, spec.Text);
    }

    public static PeerSession InKernel(string? interfaceName, Eid target, uint network)
    {
        KernelMctp kernel = KernelMctp.Open();
        int index = 0;
        if (interfaceName is not null)
        {
            (index, uint found) = KernelMctp.FindInterface(interfaceName);
            if (network is not 0 && network != found)
                throw new CommandException(ExitCode.Usage, $"--network {network}: the network interface '{interfaceName}' is in MCTP network {found}");
            network = found;
        }

        return new PeerSession(kernel, null, index, network, target, interfaceName is null ? "kernel" : $"kernel {interfaceName}");
    }

    /// <summary>The peer's address for a request.</summary>
    public MctpEndPoint Peer(MessageType type) => new(Target, type, MctpTag.Owner, _network, _index);

    public void Dispose() => Link?.Dispose();
}
