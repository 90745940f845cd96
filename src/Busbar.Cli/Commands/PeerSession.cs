// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Somebody to talk to, over a link of ours or through the kernel.</summary>
internal sealed class PeerSession : IDisposable
{
    private readonly int _index;
    private readonly PhysicalAddress _address;

    private PeerSession(IMctpSocketSource source, LinkSession? link, int index, PhysicalAddress address, uint network, Eid target, string name)
    {
        Source = source;
        Link = link;
        _index = index;
        _address = address;
        Network = network;
        Target = target;
        Name = name;
    }

    /// <summary>Where sockets come from.</summary>
    public IMctpSocketSource Source { get; }

    /// <summary>Our own link; null when the kernel or a daemon has it.</summary>
    public LinkSession? Link { get; }

    /// <summary>The peer's EID; the null EID for whoever sits at the other end.</summary>
    public Eid Target { get; }

    /// <summary>The MCTP network that was asked for; 0 for the default one.</summary>
    public uint Network { get; }

    /// <summary>The LINK, or <c>kernel</c> or <c>daemon</c> with its interface.</summary>
    public string Name { get; }

    public static PeerSession OnLink(LinkSpec spec, Eid local, Eid target, TimeSpan patience)
    {
        LinkSession link = LinkSession.Open(spec, local, patience);
        return new PeerSession(link.Node, link, link.Host.LinkIndex, default, 0, target, spec.Text);
    }

    public static PeerSession InKernel(string? interfaceName, PhysicalAddress address, Eid target, uint network)
    {
        KernelMctp kernel = KernelMctp.Open();
        int index = 0;
        if (interfaceName is not null)
        {
            (index, uint found) = KernelMctp.FindInterface(interfaceName);
            network = Checked(network, interfaceName, found);
        }

        return new PeerSession(kernel, null, index, address, network, target, interfaceName is null ? "kernel" : $"kernel {interfaceName}");
    }

    public static PeerSession InDaemon(string? socket, string? linkName, PhysicalAddress address, Eid target, uint network)
    {
        DaemonMctp daemon = DaemonMctp.Open(socket);
        int index = 0;
        if (linkName is not null)
        {
            using var administration = RemoteAdministration.Connect(socket);
            IReadOnlyList<LinkReport> links = administration.LinkReports();
            LinkReport link = links.FirstOrDefault(link => link.Name == linkName)
                ?? throw new CommandException(ExitCode.Usage, $"--interface {linkName}: the daemon has no such link; it has {string.Join(", ", links.Select(link => link.Name))}");
            index = link.Index;
            network = Checked(network, linkName, link.Network);
        }

        return new PeerSession(daemon, null, index, address, network, target, linkName is null ? "daemon" : $"daemon {linkName}");
    }

    /// <summary>The peer's address for a request.</summary>
    public MctpEndPoint Peer(MessageType type) => At(Target, type);

    /// <summary>The address of an EID at the same place: at the other end of the same link, or in the same network.</summary>
    public MctpEndPoint At(Eid eid, MessageType type) => new(eid, type, MctpTag.Owner, Network, _index, _address);

    public void Dispose() => Link?.Dispose();

    private static uint Checked(uint asked, string link, uint found) => asked == 0 || asked == found
        ? found
        : throw new CommandException(ExitCode.Usage, $"--network {asked}: the link '{link}' is in MCTP network {found}");
}
