// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A serial link of a node with the line that it stands on. A line that is lost is opened again as soon as there is one.</summary>
public sealed class SerialAttachment : LinkAttachment
{
    // Behind each sign of life on a descriptor, to see whether it was the last one.
    private const int CheckMs = 20;

    private readonly SerialLine _line;
    private ByteStream? _stream;
    private long _nextCheck;
    private int _life;
    private bool _isEndNoted;

    private SerialAttachment(SerialLine line, string name, SerialLinkOptions options)
    {
        _line = line;
        SerialLink = new SerialLink(name, options);
    }

    /// <inheritdoc/>
    public override MctpLink Link => SerialLink;

    /// <summary>The link, with what only a serial line has.</summary>
    public SerialLink SerialLink { get; }

    /// <inheritdoc/>
    public override WaitStrategy Wait => WaitStrategy.Block;

    /// <inheritdoc/>
    public override string Description => _line.Description;

    /// <inheritdoc/>
    public override string? WhyDown => SerialLink.IsUp ? null : _line.Trouble;

    /// <summary>Callers who were turned away because a socket that we serve has its client already.</summary>
    public long TurnedAway => _line.TurnedAway;

    // A stream can turn out to be at its end in any call; that is looked into once at once, and then at intervals.
    internal override long NextDeadline => _stream is { IsOpen: false } && !_isEndNoted ? 0 : _nextCheck;

    // Which descriptors there are, and what is waited for on them, follows from the state of the stream.
    internal override int DescriptorVersion
    {
        get => (_life << 3) | (IsWatched ? 4 : 0) | (SerialLink.IsHoldingBack ? 2 : 0) | (SerialLink.HasOutput ? 1 : 0);
        private protected set => _life = value;
    }

    // A stream at its end stays readable for ever, and sleeping on it would be no sleep.
    private bool IsWatched => _stream is { IsOpen: true };

    /// <summary>Opens what a LINK says.</summary>
    /// <param name="spec">The LINK.</param>
    /// <param name="name">What the link is called.</param>
    /// <exception cref="MctpException">
    /// <see cref="MctpError.BadConfiguration"/> there is no such port, host or folder; <see cref="MctpError.AddressInUse"/> another process has the port or the socket;
    /// <see cref="MctpError.MissingFacility"/> a privilege is missing.
    /// </exception>
    public static SerialAttachment Open(SerialLinkSpec spec, string name)
    {
        try
        {
            var attachment = new SerialAttachment(MakeLine(spec), name, new SerialLinkOptions { Mtu = spec.Mtu ?? MctpLink.MinimumMtu });
            try
            {
                attachment.TryAdopt(MctpNode.Now);
                return attachment;
            }
            catch
            {
                attachment.Dispose();
                throw;
            }
        }
        catch (LinuxException failure)
        {
            throw LinkRefusal.Of(spec, failure);
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (IsWatched) descriptors.Add(_stream!.Descriptor);
        if (_line.Listener is { } listener) descriptors.Add(listener);
    }

    internal override PollEvents InterestIn(FileDescriptor descriptor)
    {
        if (!ReferenceEquals(descriptor, _stream?.Descriptor)) return PollEvents.Readable;
        return (SerialLink.IsHoldingBack ? PollEvents.None : PollEvents.Readable) | (SerialLink.HasOutput ? PollEvents.Writable : PollEvents.None);
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        if (ReferenceEquals(descriptor, _stream?.Descriptor))
        {
            SerialLink.Statistics.Wakes++;
            SerialLink.NotifyReadable();
            _nextCheck = Math.Min(_nextCheck, now + CheckMs);
        }
        else if (_stream is null)
        {
            _nextCheck = now;
        }
        else if (!_stream.IsHungUp)
        {
            // One that has hung up makes room in a moment, and whoever comes next is welcome then.
            _line.TurnAway();
        }
    }

    internal override void Service(long now)
    {
        if (_stream is { IsOpen: true })
        {
            _nextCheck = long.MaxValue;
            return;
        }

        // The link still has what arrived before the end, until a turn of its own finds nothing more.
        if (_stream is not null && SerialLink.IsOnLine)
        {
            _isEndNoted = true;
            _nextCheck = now + CheckMs;
            return;
        }

        LetGo();
        try
        {
            TryAdopt(now);
        }
        catch (LinuxException)
        {
            // A port that was unplugged, for instance; the line remembers why.
            _nextCheck = now + _line.RetryMs;
        }
    }

    internal override void Stop(long now)
    {
        SerialLink.Close(now);
        LetGo();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        SerialLink.GiveUp(MctpNode.Now);
        LetGo();
        _line.Dispose();
    }

    private static SerialLine MakeLine(SerialLinkSpec spec) => spec.Line switch
    {
        SerialLineKind.Terminal => new TerminalLine(spec.Path, spec.Baud),
        SerialLineKind.PseudoTerminal => new PseudoTerminalLine(spec.Path.Length == 0 ? null : spec.Path),
        SerialLineKind.Unix => spec.Listens ? new UnixServerLine(spec.Path) : new UnixLine(spec.Path),
        _ => spec.Listens ? new TcpServerLine(HostNames.Resolve(spec, spec.Path, spec.Port)) : new TcpLine(HostNames.Resolve(spec, spec.Path, spec.Port)),
    };

    private void TryAdopt(long now)
    {
        _stream = _line.TryOpen();
        _nextCheck = _stream is null ? now + _line.RetryMs : long.MaxValue;
        if (_stream is null && _line.Listener is not null) _nextCheck = long.MaxValue;
        if (_stream is null) return;
        _life++;
        _isEndNoted = false;
        SerialLink.Open(new StreamChannel(_stream), now);
    }

    private void LetGo()
    {
        if (_stream is null) return;
        _life++;
        _line.Release(_stream);
        _stream = null;
    }
}
