// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Busbar.Bindings;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A development link of a node over a UNIX socket or UDP. A connection that is lost is made again as soon as the other node is there.</summary>
public sealed class DevelopmentAttachment : LinkAttachment
{
    private const int DefaultUnixMtu = 4100;

    // What an Ethernet frame takes without fragments: 1500 less the headers of IPv6, UDP and ours.
    private const int DefaultUdpMtu = 1448;

    private const int RetryMs = 250;

    // Behind each sign of life on a descriptor, to see whether it was the last one.
    private const int CheckMs = 20;

    private readonly DevelopmentLinkSpec _spec;
    private readonly UdpSocket? _udp;
    private readonly UnixListener? _listener;
    private UnixPackets? _connection;
    private PacketsChannel? _channel;
    private long _nextCheck = long.MaxValue;
    private int _life;
    private bool _isEndNoted;

    private DevelopmentAttachment(DevelopmentLinkSpec spec, string name)
    {
        _spec = spec;
        DevelopmentLink = new DevelopmentLink(name, new DevelopmentLinkOptions
        {
            Mtu = spec.Mtu ?? (spec.IsUdp ? DefaultUdpMtu : DefaultUnixMtu),
            Session = (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue),
            WatchesSilence = spec.IsUdp,
        });
        if (spec.IsUdp)
        {
            _udp = UdpSocket.Bind(HostNames.Resolve(spec, spec.Path, spec.Port), HostNames.Resolve(spec, spec.PeerHost, spec.PeerPort));
            DevelopmentLink.Open(new UdpChannel(_udp), MctpNode.Now);
        }
        else if (spec.Listens)
        {
            _listener = UnixListener.BindPackets(spec.Path);
        }
        else
        {
            Connect(MctpNode.Now);
        }
    }

    /// <inheritdoc/>
    public override MctpLink Link => DevelopmentLink;

    /// <summary>The link, with what only a development link has.</summary>
    public DevelopmentLink DevelopmentLink { get; }

    /// <inheritdoc/>
    public override WaitStrategy Wait => WaitStrategy.Block;

    /// <inheritdoc/>
    public override string Description => _udp is not null
        ? $"UDP {_udp.LocalEndPoint}, peer {_spec.PeerHost}:{_spec.PeerPort}"
        : $"UNIX socket {_spec.Path}{(_spec.Listens ? ", listening" : string.Empty)}";

    /// <summary>Callers who were turned away because the link has its other end already.</summary>
    public long TurnedAway { get; private set; }

    /// <inheritdoc/>
    public override string? WhyDown
    {
        get
        {
            if (DevelopmentLink.IsUp) return null;
            if (DevelopmentLink.Medium.OtherVersion is var version and not 0)
                return $"the other end speaks version {version}, we speak {DevelopmentFrame.Version}; update the older one";
            if (_udp is not null) return $"nothing comes from {_spec.PeerHost}:{_spec.PeerPort}; is the other node running, and is this its peer?";
            if (_connection is not null) return "the other end does not answer our hello; is it a development link, too?";
            return _listener is null ? $"nobody listens on '{_spec.Path}'; start the other end with ',listen'" : $"nobody has connected to '{_spec.Path}'";
        }
    }

    // A connection can turn out to be at its end in any call; that is looked into once at once, and then at intervals.
    internal override long NextDeadline => _channel is { IsOpen: false } && !_isEndNoted ? 0 : _nextCheck;

    internal override int DescriptorVersion
    {
        get => (_life << 3) | (_channel is { IsOpen: true } ? 4 : 0) | (DevelopmentLink.IsHoldingBack ? 2 : 0) | (DevelopmentLink.HasOutput ? 1 : 0);
        private protected set => _life = value;
    }

    // The one that carries datagrams; none while there is none that could.
    private FileDescriptor? Medium => _udp?.Descriptor ?? (_channel is { IsOpen: true } ? _connection?.Descriptor : null);

    /// <summary>Opens what a LINK says.</summary>
    /// <param name="spec">The LINK.</param>
    /// <param name="name">What the link is called.</param>
    /// <exception cref="MctpException">
    /// <see cref="MctpError.BadConfiguration"/> there is no such host or folder; <see cref="MctpError.AddressInUse"/> another process has the address or the socket;
    /// <see cref="MctpError.MissingFacility"/> a privilege is missing.
    /// </exception>
    public static DevelopmentAttachment Open(DevelopmentLinkSpec spec, string name)
    {
        try
        {
            return new DevelopmentAttachment(spec, name);
        }
        catch (LinuxException failure)
        {
            throw LinkRefusal.Of(spec, failure);
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (Medium is { } medium) descriptors.Add(medium);
        if (_listener is not null) descriptors.Add(_listener.Descriptor);
    }

    internal override PollEvents InterestIn(FileDescriptor descriptor)
    {
        if (!ReferenceEquals(descriptor, Medium)) return PollEvents.Readable;
        return (DevelopmentLink.IsHoldingBack ? PollEvents.None : PollEvents.Readable) | (DevelopmentLink.HasOutput ? PollEvents.Writable : PollEvents.None);
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        if (_listener is not null && ReferenceEquals(descriptor, _listener.Descriptor))
        {
            Accept(now);
            return;
        }

        DevelopmentLink.Statistics.Wakes++;
        DevelopmentLink.NotifyReadable();
        if (_connection is not null) _nextCheck = Math.Min(_nextCheck, now + CheckMs);
    }

    internal override void Service(long now)
    {
        _nextCheck = long.MaxValue;
        if (_udp is not null) return;
        if (_channel is { IsOpen: true })
        {
            // One that is up says when it goes down; before that nobody does.
            if (!DevelopmentLink.IsUp) _nextCheck = now + RetryMs;
            return;
        }


        // The link still has what arrived before the end, until a turn of its own finds nothing more.
        if (_channel is not null && DevelopmentLink.IsOnMedium)
        {
            _isEndNoted = true;
            _nextCheck = now + CheckMs;
            return;
        }

        LetGo();
        if (_listener is null) Connect(now);
    }

    internal override void Stop(long now)
    {
        DevelopmentLink.Close(now);
        LetGo();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        DevelopmentLink.GiveUp(MctpNode.Now);
        LetGo();
        _listener?.Dispose();
        _udp?.Dispose();
    }

    private void Accept(long now)
    {
        if (_listener!.TryAcceptPackets(out UnixPackets? connection) != AcceptResult.Accepted) return;

        // One that has hung up may not have been read to its end yet; whoever comes next is welcome all the same.
        if (_channel is { IsOpen: true } && !_connection!.Wait(PollEvents.None, timeoutMs: 0))
        {
            TurnedAway++;
            connection!.Dispose();
            return;
        }

        DevelopmentLink.GiveUp(now);
        LetGo();
        Adopt(connection!, now);
    }

    private void Connect(long now)
    {
        if (UnixPackets.TryConnect(_spec.Path, out _) is { } connection) Adopt(connection, now);
        else _nextCheck = now + RetryMs;
    }

    private void Adopt(UnixPackets connection, long now)
    {
        _connection = connection;
        _channel = new PacketsChannel(connection);
        _life++;
        _isEndNoted = false;
        _nextCheck = now + RetryMs;
        DevelopmentLink.Open(_channel, now);
    }

    private void LetGo()
    {
        if (_connection is null) return;
        _life++;
        _connection.Dispose();
        (_connection, _channel) = (null, null);
    }
}
