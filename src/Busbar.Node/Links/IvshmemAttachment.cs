// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// An MMBI window in the memory of an ivshmem server, with eventfds as doorbells. An owner serves the socket itself when nobody does. When the
/// server goes away, the attachment takes the link down and tries to connect again until it succeeds.
/// </summary>
internal sealed class IvshmemAttachment : MmbiAttachment
{
    private const int LookAgainMs = 20;
    private const int ReconnectMs = 100;

    // While the link is down, peers announce themselves in shared memory only, so look; while it is up, look rarely, but often enough for
    // the signs of life that drivers in guests expect.
    private const int WatchDownMs = 10;

    private const int HandshakeLimitMs = 1000;
    private const int ShortestTryMs = 100;

    private readonly EmbeddedServer? _server;
    private IvshmemClient? _client;
    private RendezvousPage? _page;
    private IvshmemDoorbell? _doorbell;
    private Task<IvshmemClient?>? _reconnecting;
    private long _nextService;

    // How many of our doorbells the node's poller was told of.
    private int _vectors;

    private IvshmemAttachment(MmbiAttachmentSettings settings, EmbeddedServer? server)
        : base(settings.Window) => (Settings, _server) = (settings, server);

    public override string Description =>
        $"ivshmem {Settings.Spec.Path}, {WindowSize} bytes, {Role}, own id {_client?.OwnId ?? -1}, peer {_doorbell?.PeerId ?? -1}";

    /// <summary>Whether the rendezvous page names us as the holder of our role.</summary>
    internal bool HoldsRole => _doorbell?.HoldsSlot ?? false;

    internal override long NextDeadline => _nextService;

    private MmbiAttachmentSettings Settings { get; }

    private RendezvousRole PageRole => Role == MmbiRole.Owner ? RendezvousRole.Owner : RendezvousRole.Discoverer;

    public static IvshmemAttachment Open(MmbiAttachmentSettings settings)
    {
        long patience = Stopwatch.GetTimestamp() + (long)(settings.Patience.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            // Serving comes first, because it is refused at once where a server lives, while connecting waits where none does.
            EmbeddedServer? server = settings.Role == MmbiRole.Owner ? TryServe(settings) : null;
            double leftMs = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), patience).TotalMilliseconds;
            int limitMs = server is null ? (int)Math.Clamp(leftMs, ShortestTryMs, HandshakeLimitMs) : HandshakeLimitMs;
            if (TryOpen(settings, server, limitMs, out string reason) is { } attachment) return attachment;
            if (Stopwatch.GetTimestamp() >= patience)
                throw settings.Refusal(MctpError.Unreachable, $"{reason}; start the owner ('busbar endpoint') or 'busbar ivshmem-server' first");
            using var pause = new ManualResetEventSlim();
            pause.Wait(LookAgainMs);
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (_client is null) return;
        descriptors.Add(_client.SocketFd);
        for (int i = 0; i < _client.OwnVectors.Count; i++) descriptors.Add(_client.OwnVectors[i].Descriptor);
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        if (_client is null) return;
        if (ReferenceEquals(descriptor, _client.SocketFd))
        {
            _nextService = now;
            return;
        }

        // By index: this runs at every wake-up, and an enumerator behind an interface is an object.
        IReadOnlyList<EventFd> vectors = _client.OwnVectors;
        for (int i = 0; i < vectors.Count; i++)
        {
            EventFd vector = vectors[i];
            if (ReferenceEquals(descriptor, vector.Descriptor) && vector.TryDrain(out _)) Link.Statistics.Wakes++;
        }

        // A peer that rings before we know it has just claimed its slot.
        if (!Link.IsUp) _nextService = now;
    }

    // As for guests: who had claimed its role when this end came up is the peer that it joined, and no news a moment later.
    internal override void OnLinkChanged(bool isUp, long now)
    {
        _nextService = now;
        if (!isUp || _client is null) return;
        _client.ProcessMessages();
        if (!_client.ServerGone) _doorbell!.Refresh();
    }

    internal override void Service(long now)
    {
        if (_client is null)
        {
            Reconnect(now);
            return;
        }

        FollowPeers(now);
        _nextService = now + (Link.IsUp ? Settings.Timings.WatchInterval : WatchDownMs);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            LetGo();
            // A connection that comes after us is nobody's.
            _ = _reconnecting?.ContinueWith(static task => task.Result?.Dispose(), TaskScheduler.Default);
            _reconnecting = null;
        }

        base.Dispose(disposing);
        if (disposing) _server?.Dispose();
    }

    // Null when it is worth another try. Everything that was begun is undone then, and when this throws.
    private static IvshmemAttachment? TryOpen(MmbiAttachmentSettings settings, EmbeddedServer? server, int limitMs, out string reason)
    {
        var attachment = new IvshmemAttachment(settings, server);
        bool opened = false;
        try
        {
            IvshmemClient? client = TryConnect(settings.Spec, limitMs);
            reason = client is null ? $"nobody serves '{settings.Spec.Path}'" : attachment.TryAdopt(client, MctpNode.Now) ?? "";
            opened = client is not null && reason.Length == 0;
            return opened ? attachment : null;
        }
        catch (IvshmemProtocolException failure) when (failure.Fault == IvshmemFault.UnsafeMemory)
        {
            throw settings.Refusal(MctpError.BadConfiguration, $"{failure.Message} Take 'busbar ivshmem-server', or say trust=on");
        }
        catch (IvshmemProtocolException failure)
        {
            // A server that is just going away can break off the handshake; it may be back in a moment.
            reason = failure.Message;
            return null;
        }
        catch (LinuxException failure)
        {
            throw settings.Refusal(failure);
        }
        finally
        {
            if (!opened) attachment.Dispose();
        }
    }

    // Null when nobody serves the socket: it is missing, or what a killed server left behind.
    private static IvshmemClient? TryConnect(MmbiLinkSpec spec, int limitMs)
    {
        try
        {
            return IvshmemClient.Connect(spec.Path, limitMs, spec.TrustsMemory);
        }
        catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.ECONNREFUSED or Errno.ETIMEDOUT or Errno.EAGAIN)
        {
            return null;
        }
    }

    private static EmbeddedServer? TryServe(MmbiAttachmentSettings settings)
    {
        try
        {
            return new EmbeddedServer(new IvshmemServerOptions
            {
                SocketPath = settings.Spec.Path,
                Size = settings.Size,
                Vectors = 1,

                // Reserved ones only among those who trust each other; transparent ones, which the mappings ask for, harm nobody.
                Hints = settings.Spec is { HugePages: true, TrustsMemory: true } ? MemoryHints.HugePages : MemoryHints.None,
            });
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EADDRINUSE)
        {
            // Somebody else began to serve between our look and now: connect to that one.
            return null;
        }
        catch (LinuxException failure)
        {
            throw settings.Refusal(failure);
        }
    }

    // Says why not when another try may succeed, throws when not. The client is ours from now on, or disposed.
    private string? TryAdopt(IvshmemClient client, long now)
    {
        Memory.SharedRegion? region = null;
        try
        {
            if (Settings.Spec.Size is { } size && client.Memory.Size != size)
                throw Settings.Refusal(MctpError.BadConfiguration, $"the server's memory has {client.Memory.Size} bytes, not {size}; leave out size=");
            if (client.Memory.Size is < LinkSpecParser.SmallestWindow or > LinkSpecParser.LargestWindow)
                throw Settings.Refusal(MctpError.BadConfiguration, $"a window of {client.Memory.Size} bytes cannot be used");
            MemoryHints hints = Settings.Spec.HugePages ? MemoryHints.HugePages : MemoryHints.None;
            region = client.Memory.Map(hints: hints);
            var page = new RendezvousPage(region);
            switch (Role == MmbiRole.Owner ? page.TryFormat(client.OwnId, client.IsStillConnected) : RendezvousFormat.Ready)
            {
                case RendezvousFormat.Busy:
                    return "another owner is just starting there";
                case RendezvousFormat.Incompatible:
                    throw Settings.Refusal(MctpError.BadConfiguration, "the rendezvous page is of another version; restart whoever serves the window");
            }

            var doorbell = new IvshmemDoorbell(client, page, Role, Settings.Spec.Instance, Settings.Spec.Peer);
            if (page.IsPresent && !TryClaim(client, page, doorbell))
                throw Settings.Refusal(MctpError.AddressInUse, $"another process is {Role.ToString().ToLowerInvariant()} there; stop it or use another socket");

            Install(region, page.UsableLength, doorbell, now);
            region = null;
            (_client, _page, _doorbell) = (client, page, doorbell);
            _vectors = client.OwnVectors.Count;
            DescriptorVersion++;
            _nextService = now;
            return null;
        }
        catch (LinuxException failure)
        {
            throw Settings.Refusal(failure);
        }
        finally
        {
            // What was claimed in the page is void with the end of our connection.
            region?.Dispose();
            if (_client is null) client.Dispose();
        }
    }

    private bool TryClaim(IvshmemClient client, RendezvousPage page, IvshmemDoorbell doorbell)
    {
        doorbell.HoldsSlot = page.TryClaim(PageRole, Settings.Spec.Instance, client.OwnId, 0, client.IsStillConnected);
        return doorbell.HoldsSlot;
    }

    private void FollowPeers(long now)
    {
        // A server that breaks the protocol counts as gone, too.
        _client!.ProcessMessages();
        if (_client.ServerGone)
        {
            LoseServer(now);
            return;
        }

        if (_client.OwnVectors.Count != _vectors)
        {
            _vectors = _client.OwnVectors.Count;
            DescriptorVersion++;
        }

        HoldSlot(now);
        _page!.SignOfLife(PageRole, Settings.Spec.Instance);
        int before = _doorbell!.PeerId;
        if (_doorbell.Refresh() && before >= 0) MmbiLink.PeerVanished(now, isReplaced: _doorbell.PeerId >= 0);
    }

    // A discoverer that came before its owner finds the page only now, and perhaps another discoverer in it: then it stands back until
    // that one leaves. A slot that was ours and was overwritten is claimed again; the link goes on meanwhile.
    private void HoldSlot(long now)
    {
        if (!_page!.IsPresent || (_doorbell!.HoldsSlot && _page.IsHeld(PageRole, Settings.Spec.Instance))) return;
        bool held = _doorbell.HoldsSlot;
        if (TryClaim(_client!, _page, _doorbell)) Resume(_page.UsableLength, _doorbell, now);
        else if (held) _doorbell.HoldsSlot = true;
        else MmbiLink.DetachChannel(now);
    }

    private void LoseServer(long now)
    {
        Uninstall(now);
        LetGo();
        DescriptorVersion++;
        _nextService = now;
    }

    private void LetGo()
    {
        if (_doorbell is { HoldsSlot: true } && WindowSize > 0) _page!.Release(PageRole, Settings.Spec.Instance);
        _client?.Dispose();
        (_client, _page, _doorbell) = (null, null, null);
    }

    // Connecting waits for the other side, so it happens outside the node's lock.
    private void Reconnect(long now)
    {
        _nextService = now + ReconnectMs;
        if (_reconnecting is null)
        {
            MmbiLinkSpec spec = Settings.Spec;
            _reconnecting = Task.Run(() =>
            {
                try
                {
                    return TryConnect(spec, HandshakeLimitMs);
                }
                catch (Exception failure) when (failure is IvshmemProtocolException or LinuxException)
                {
                    return null;
                }
            });
            return;
        }

        if (!_reconnecting.IsCompleted) return;
        IvshmemClient? client = _reconnecting.Result;
        _reconnecting = null;
        if (client is null) return;
        try
        {
            _ = TryAdopt(client, now);
        }
        catch (MctpException)
        {
            // Another process took the role meanwhile, or the new window does not fit: stay down and try again.
        }
    }
}
