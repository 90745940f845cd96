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

    // While the link is down, peers announce themselves in shared memory only, so look; while it is up, look rarely.
    private const int WatchDownMs = 10;
    private const int WatchUpMs = 1000;

    private const int HandshakeLimitMs = 1000;

    private readonly EmbeddedServer? _server;
    private IvshmemClient? _client;
    private RendezvousPage? _page;
    private IvshmemDoorbell? _doorbell;
    private Task<IvshmemClient?>? _reconnecting;
    private long _nextService;

    private IvshmemAttachment(MmbiAttachmentSettings settings, IvshmemClient client, EmbeddedServer? server)
        : base(settings)
    {
        _server = server;
        try
        {
            Adopt(client, MctpNode.Now);
        }
        catch
        {
            server?.Dispose();
            throw;
        }
    }

    public override string Description =>
        $"ivshmem {Settings.Spec.Path}, {WindowSize} bytes, {Role}, own id {_client?.OwnId ?? -1}, peer {_doorbell?.PeerId ?? -1}";

    internal override long NextDeadline => _nextService;

    private RendezvousRole PageRole => Role == MmbiRole.Owner ? RendezvousRole.Owner : RendezvousRole.Discoverer;

    public static IvshmemAttachment Open(MmbiAttachmentSettings settings)
    {
        string path = settings.Spec.Path;
        long patience = Stopwatch.GetTimestamp() + (long)(settings.Patience.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            string reason;
            try
            {
                if (TryConnect(path) is { } client) return new IvshmemAttachment(settings, client, server: null);
                reason = $"nobody serves '{path}'";
            }
            catch (IvshmemProtocolException failure)
            {
                // A server that is just going away can break off the handshake; it may be back in a moment.
                reason = failure.Message;
            }
            catch (LinuxException failure)
            {
                throw Refusal(settings, failure);
            }

            if (settings.Role == MmbiRole.Owner && TryServe(settings) is { } server)
            {
                IvshmemClient own = TryConnect(path) ?? throw new MctpException(MctpError.Unreachable, $"link '{settings.Spec.Text}': our own server does not answer");
                return new IvshmemAttachment(settings, own, server);
            }

            if (Stopwatch.GetTimestamp() >= patience)
            {
                throw new MctpException(
                    MctpError.Unreachable, $"link '{settings.Spec.Text}': {reason}; start the owner ('busbar endpoint') or 'busbar ivshmem-server' first");
            }

            using var pause = new ManualResetEventSlim();
            pause.Wait(LookAgainMs);
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (_client is null) return;
        descriptors.Add(_client.SocketFd);
        foreach (EventFd vector in _client.OwnVectors) descriptors.Add(vector.Descriptor);
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        if (_client is null) return;
        if (ReferenceEquals(descriptor, _client.SocketFd))
        {
            _nextService = now;
            return;
        }

        foreach (EventFd vector in _client.OwnVectors)
        {
            if (ReferenceEquals(descriptor, vector.Descriptor) && vector.TryDrain(out _)) Link.Statistics.Wakes++;
        }

        // A peer that rings before we know it has just claimed its slot.
        if (!Link.IsUp) _nextService = now;
    }

    internal override void Service(long now)
    {
        if (_client is null)
        {
            Reconnect(now);
            return;
        }

        FollowPeers(now);
        _nextService = now + (Link.IsUp ? WatchUpMs : WatchDownMs);
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

    // Null when nobody serves the socket: it is missing, or what a killed server left behind.
    private static IvshmemClient? TryConnect(string path)
    {
        try
        {
            return IvshmemClient.Connect(path, HandshakeLimitMs);
        }
        catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.ECONNREFUSED or Errno.ETIMEDOUT)
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
                Hints = settings.Spec.HugePages ? MemoryHints.HugePages : MemoryHints.None,
            });
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EADDRINUSE)
        {
            // Somebody else began to serve between our look and now: connect to that one.
            return null;
        }
        catch (LinuxException failure)
        {
            throw Refusal(settings, failure);
        }
    }

    private static MctpException Refusal(MmbiAttachmentSettings settings, LinuxException failure) => new(
        failure.Errno is Errno.EACCES or Errno.EPERM or Errno.EMFILE or Errno.ENOMEM or Errno.ENOSPC ? MctpError.MissingFacility : MctpError.BadConfiguration,
        $"link '{settings.Spec.Text}': {failure.Message}",
        failure);

    private void Adopt(IvshmemClient client, long now)
    {
        try
        {
            if (Settings.Spec.Size is { } size && client.Memory.Size != size)
                throw new MctpException(MctpError.BadConfiguration, $"link '{Settings.Spec.Text}': the server's memory has {client.Memory.Size} bytes, not {size}; leave out size=");
            if (client.Memory.Size is < LinkSpecParser.SmallestWindow or > LinkSpecParser.LargestWindow)
                throw new MctpException(MctpError.BadConfiguration, $"link '{Settings.Spec.Text}': a window of {client.Memory.Size} bytes cannot be used");
            MemoryHints hints = Settings.Spec.HugePages ? MemoryHints.HugePages : MemoryHints.None;
            Memory.SharedRegion region = client.Memory.Map(hints: hints);
            var page = new RendezvousPage(region);
            var doorbell = new IvshmemDoorbell(client, page, Role, Settings.Spec.Instance, Settings.Spec.Peer);
            if (Role == MmbiRole.Owner) page.TryFormat(client.OwnId, client.IsConnected);
            if (page.IsPresent && !TryClaim(client, page, doorbell))
            {
                region.Dispose();
                throw new MctpException(MctpError.AddressInUse, $"link '{Settings.Spec.Text}': another process is {Role.ToString().ToLowerInvariant()} there; stop it or use another socket");
            }

            (_client, _page, _doorbell) = (client, page, doorbell);
            Install(region, page.UsableLength, doorbell, now);
            DescriptorVersion++;
            _nextService = now;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private bool TryClaim(IvshmemClient client, RendezvousPage page, IvshmemDoorbell doorbell)
    {
        doorbell.HoldsSlot = page.TryClaim(PageRole, Settings.Spec.Instance, client.OwnId, 0, client.IsConnected);
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

        // A discoverer that came before its owner finds the page only now.
        if (!_doorbell!.HoldsSlot && _page!.IsPresent) TryClaim(_client, _page, _doorbell);
        int before = _doorbell.PeerId;
        if (!_doorbell.Refresh()) return;
        if (before >= 0) MmbiLink.PeerVanished(now, isReplaced: _doorbell.PeerId >= 0);
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
            string path = Settings.Spec.Path;
            _reconnecting = Task.Run(() =>
            {
                try
                {
                    return TryConnect(path);
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
            Adopt(client, now);
        }
        catch (MctpException)
        {
            // Another process took the role meanwhile, or the new window does not fit: stay down and try again.
        }
    }
}
