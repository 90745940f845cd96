// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Bindings;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Memory;

namespace Busbar.Node;

/// <summary>
/// An LPC link of a node whose window is a file that both ends map. The management controller makes the file when it is missing and removes it again when it made it;
/// both roles are locked by file locks, which vanish with their holder, and by which each end sees whether the other one is alive.
/// </summary>
public sealed class AstlpcAttachment : LinkAttachment
{
    // Behind any window that a file can have, and away from the locks of MMBI windows.
    private const long LockOffset = (1L << 40) + 64;
    private const int CheckMs = 250;
    private const int LookAgainMs = 10;

    private readonly AstlpcLinkSpec _spec;
    private readonly AstlpcRole _role;
    private MappedMemory? _file;
    private SharedRegion? _window;
    private FileLock? _lock;
    private bool _created;
    private long _nextCheck;

    private AstlpcAttachment(AstlpcLinkSpec spec, AstlpcRole role, string name)
    {
        _spec = spec;
        _role = role;
        AstlpcLink = new AstlpcLink(name, spec.Mtu is { } mtu ? new AstlpcLinkOptions { Role = role, Mtu = mtu } : new AstlpcLinkOptions { Role = role });
    }

    /// <inheritdoc/>
    public override MctpLink Link => AstlpcLink;

    /// <summary>The link, with what only an LPC link has.</summary>
    public AstlpcLink AstlpcLink { get; }

    /// <inheritdoc/>
    public override WaitStrategy Wait => _spec.Wait == WaitStrategy.Spin ? WaitStrategy.Spin : WaitStrategy.Poll;

    /// <inheritdoc/>
    public override string Description => $"LPC window {_spec.Path}, {_window?.Length ?? 0} bytes, {_role.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    public override string? WhyDown => AstlpcLink.IsUp ? null
        : _window is null ? $"there is no window '{_spec.Path}'; start the management controller first"
        : AstlpcLink.Channel.Faults != 0 ? $"the other end makes no sense ({string.Join(", ", Enum.GetValues<AstlpcFault>().Where(fault => AstlpcLink.Channel[fault] != 0))})"
        : $"the {(_role == AstlpcRole.Bmc ? "host" : "management controller")} is silent; is it running?";

    internal override long NextDeadline => _nextCheck;

    /// <summary>Opens what a LINK says.</summary>
    /// <param name="spec">The LINK.</param>
    /// <param name="role">Which end we are.</param>
    /// <param name="name">What the link is called.</param>
    /// <param name="patience">How long a host waits for the file.</param>
    /// <exception cref="MctpException">
    /// <see cref="MctpError.Unreachable"/> no window in time; <see cref="MctpError.AddressInUse"/> another process has the role; <see cref="MctpError.BadConfiguration"/> the
    /// file is no window; <see cref="MctpError.MissingFacility"/> a privilege is missing.
    /// </exception>
    public static AstlpcAttachment Open(AstlpcLinkSpec spec, AstlpcRole role, string name, TimeSpan patience)
    {
        var attachment = new AstlpcAttachment(spec, role, name);
        long end = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
        try
        {
            while (!attachment.TryAdopt(MctpNode.Now))
            {
                if (Stopwatch.GetTimestamp() >= end) throw new MctpException(MctpError.Unreachable, $"link '{spec.Text}': {attachment.WhyDown}");
                using var pause = new ManualResetEventSlim();
                pause.Wait(LookAgainMs);
            }

            return attachment;
        }
        catch
        {
            attachment.Dispose();
            throw;
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        // Nobody rings on this medium.
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
    }

    // A restarted controller may have made a new file under the same name; the old one would stay silent for ever. And a host that was killed says nothing.
    internal override void Service(long now)
    {
        _nextCheck = now + CheckMs;
        if (_file is not null && _file.IsAt(_spec.Path))
        {
            if (AstlpcLink.IsUp && !FileLock.IsHeldByAnother(_file.Descriptor, PlaceOf(Other), 1)) AstlpcLink.PeerVanished(now);
            return;
        }

        LetGo(now);
        try
        {
            TryAdopt(now);
        }
        catch (MctpException)
        {
            // Held by somebody else or unusable at the moment: the link stays down, and the next check looks again.
        }
    }

    internal override void Stop(long now) => AstlpcLink.Close(now);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        if (_created) _file?.TryRemove(_spec.Path);
        LetGo(MctpNode.Now);
    }

    private AstlpcRole Other => _role == AstlpcRole.Bmc ? AstlpcRole.Host : AstlpcRole.Bmc;

    private static long PlaceOf(AstlpcRole role) => LockOffset + (int)role;

    // False when there is no window yet.
    private bool TryAdopt(long now)
    {
        try
        {
            return Adopt(now);
        }
        catch (LinuxException failure)
        {
            LetGo(now);
            throw LinkRefusal.Of(_spec, failure);
        }
        catch
        {
            LetGo(now);
            throw;
        }
    }

    private bool Adopt(long now)
    {
        int size = _spec.Size ?? AstlpcLinkSpec.DefaultWindowSize;
        try
        {
            _created = false;
            _file = _role == AstlpcRole.Bmc ? MappedMemory.OpenOrCreate(_spec.Path, size, out _created) : MappedMemory.Open(_spec.Path);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ENOENT && _role == AstlpcRole.Host)
        {
            return false;
        }

        // The lock first: only the holder of the role may give the file its size.
        if (!FileLock.TryAcquire(_file.Descriptor, PlaceOf(_role), 1, out _lock))
        {
            _created = false;
            string role = _role.ToString().ToLowerInvariant();
            throw new MctpException(MctpError.AddressInUse, $"link '{_spec.Text}': another process is the {role} there; stop it or use another file");
        }

        if (_file.Size == 0 && _role == AstlpcRole.Bmc) _file.Resize(size);
        if (_file.Size == 0)
        {
            // Between the making of a file and its getting a size; a host comes back later.
            LetGo(now);
            return false;
        }

        bool isWrongSize = _spec.Size is { } wanted && _file.Size != wanted;
        if (isWrongSize || _file.Size is < LinkSpecParser.SmallestWindow or > LinkSpecParser.LargestWindow || _file.Size % Environment.SystemPageSize != 0)
        {
            throw new MctpException(MctpError.BadConfiguration, isWrongSize
                ? $"link '{_spec.Text}': the file has {_file.Size} bytes, not {size}; leave out size= or remove the file"
                : $"link '{_spec.Text}': the file has {_file.Size} bytes, which is no window; remove it or choose another");
        }

        _window = _file.Map();
        AstlpcLink.Open(_window, now);
        _nextCheck = now + CheckMs;
        return true;
    }

    private void LetGo(long now)
    {
        AstlpcLink.GiveUp(now);
        _window?.Dispose();
        _lock?.Dispose();
        _file?.Dispose();
        (_window, _lock, _file, _created) = (null, null, null, false);
    }
}
