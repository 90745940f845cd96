// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Two MCTP stacks that meet over MMBI in one window, with a socket each.</summary>
internal sealed class LinkPair : IDisposable
{
    public static readonly Eid OwnerEid = new(9);
    public static readonly Eid HostEid = new(8);
    private static readonly MessageType s_type = new(0x7E);

    // Nobody answers these requests; without this the eight tags would soon be used up.
    private static readonly MctpStackOptions s_quickTags = new() { TagLifetime = 1, TagCooldown = 1 };

    private readonly MmbiChannelOptions _options;
    private readonly byte[] _buffer = new byte[70_000];

    public LinkPair(MmbiDialect? dialect = null, int length = 512 << 10, int? mtu = null, RegionAccess access = RegionAccess.Ram)
    {
        Window = SharedRegion.Allocate(length, access);
        _options = new MmbiChannelOptions();
        Dialect = dialect ?? MmbiDialect.V11;
        OwnerLink = new MmbiLink("mmbi0", mtu);
        HostLink = new MmbiLink("mmbi0", mtu);
        OwnerSocket = SetUp(OwnerStack, OwnerLink, OwnerEid, HostEid);
        HostSocket = SetUp(HostStack, HostLink, HostEid, OwnerEid);
        OwnerStack.LinkChanged += (_, up, _) => OwnerChanges.Add(up);
        AttachOwner();
        AttachHost();
    }

    public SharedRegion Window { get; }

    public MmbiDialect Dialect { get; }

    public MctpStack OwnerStack { get; } = new(s_quickTags);

    public MctpStack HostStack { get; } = new(s_quickTags);

    public MmbiLink OwnerLink { get; }

    public MmbiLink HostLink { get; }

    public MctpSocketCore OwnerSocket { get; }

    public MctpSocketCore HostSocket { get; }

    public List<bool> OwnerChanges { get; } = [];

    public long Now { get; private set; } = 100;

    public void AttachOwner() => OwnerLink.Attach(new MmbiChannel(Window, _options with { Role = MmbiRole.Owner, Dialect = Dialect }), Now);

    public void AttachHost() => HostLink.Attach(new MmbiChannel(Window, _options), Now);

    public LinkPair Up()
    {
        for (int i = 0; i < 2000 && !(OwnerLink.IsUp && HostLink.IsUp); i++) Run(1);
        Assert.True(OwnerLink.IsUp && HostLink.IsUp);
        Run(3);
        return this;
    }

    public void Run(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            Now++;
            OwnerStack.Poll(Now, 64);
            HostStack.Poll(Now, 64);
        }
    }

    public SendStatus SendToOwner(byte[] body) => HostStack.Send(HostSocket, new MctpEndPoint(OwnerEid, s_type, MctpTag.Owner), body, Now);

    public SendStatus SendToHost(byte[] body) => OwnerStack.Send(OwnerSocket, new MctpEndPoint(HostEid, s_type, MctpTag.Owner), body, Now);

    public byte[]? ReceiveAtOwner() => Receive(OwnerStack, OwnerSocket);

    public byte[]? ReceiveAtHost() => Receive(HostStack, HostSocket);

    public void Dispose() => Window.Dispose();

    private static MctpSocketCore SetUp(MctpStack stack, MmbiLink link, Eid own, Eid peer)
    {
        stack.AddLink(link);
        stack.AddAddress(link, own);
        stack.AddRoute(MctpRoute.Direct(peer, peer, link));
        MctpSocketCore socket = stack.OpenSocket();
        Assert.Equal(BindStatus.Ok, stack.Bind(socket, new MctpEndPoint(Eid.Any, s_type)));
        return socket;
    }

    private byte[]? Receive(MctpStack stack, MctpSocketCore socket) =>
        stack.TryReceive(socket, _buffer, out MctpReceiveResult result) ? _buffer[..result.Length] : null;
}
