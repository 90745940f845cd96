// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>
/// An emulated MMBI device: the PCI function that a host sees, and behind each instance of its window the owner, an endpoint node that answers control, echo
/// and bench messages. Whoever serves the function (a vfio-user server, an in-process driver) plugs it in.
/// </summary>
/// <remarks>
/// <para>
/// Members may be called from any thread. A host's access holds the function's lock, then at most the mailbox's; a reset holds the function's lock and then
/// each node's in turn. Nodes never take the function's lock: they touch the memory directly and raise interrupts, which needs none.
/// </para>
/// <para>
/// A reset of the function clears the mailbox, not the memory. Behind it the host's side is gone: each owner drops its session and starts over, so that
/// the next driver finds INIT_COMPLETED and pointers that are zero.
/// </para>
/// </remarks>
public sealed class MmbiDevice : IDisposable
{
    private readonly MmbiDeviceOptions _options;
    private readonly DevicePlan _plan;
    private readonly BmcRegisters? _bmc;
    private readonly InstanceSignals[] _signals;
    private readonly EndpointHost?[] _hosts;
    private readonly Lock _restarting = new();
    private bool _isStarted;
    private bool _disposed;

    /// <summary>Builds the device; <see cref="Start"/> brings its owners to life.</summary>
    /// <param name="options">What it is.</param>
    /// <exception cref="ArgumentException">The profile does not know such a number of instances, vectors, bytes or such a dialect.</exception>
    /// <exception cref="LinuxException">No memory or no descriptor is left.</exception>
    public MmbiDevice(MmbiDeviceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _signals = new InstanceSignals[options.Instances < 1 ? 0 : options.Instances];
        _hosts = new EndpointHost?[_signals.Length];
        _plan = new DevicePlan(options, WakeInstance, WakeAll);
        Mailbox = options.Profile.HasMailbox ? new MailboxBlock(options.Instances, OnMailbox) : null;
        for (int k = 0; k < _signals.Length; k++) _signals[k] = CreateSignals(k);
        _bmc = options.Profile.HasBmcRegisters ? new BmcRegisters(options.MsiVectors == 1, RaiseMessage) : null;
        Function = new PciFunction(_plan.Describe(Mailbox, _bmc));
        Function.ResetDone += OnReset;
    }

    /// <summary>An owner started behind an instance: at <see cref="Start"/>, and after each restart. Raised before its link can come up.</summary>
    public event Action<int, EndpointHost>? EndpointStarted;

    /// <summary>The function was reset, and how. Raised under the function's lock; must return quickly.</summary>
    public event Action<PciResetKind>? ResetDone;

    /// <summary>The function that the host sees.</summary>
    public PciFunction Function { get; }

    /// <summary>The mailbox block; null for profiles without.</summary>
    public MailboxBlock? Mailbox { get; }

    /// <summary>The profile.</summary>
    public DeviceProfile Profile => _options.Profile;

    /// <summary>Number of instances.</summary>
    public int Instances => _signals.Length;

    /// <summary>The dialect that all instances speak.</summary>
    public MmbiDialect Dialect => _plan.Dialect;

    /// <summary>The endpoint behind an instance; null before <see cref="Start"/> and while it restarts.</summary>
    /// <param name="instance">From 0.</param>
    public EndpointHost? GetEndpoint(int instance) => Volatile.Read(ref _hosts[instance]);

    /// <summary>Starts every owner; each brings its instance to INIT_COMPLETED before this returns, so that no host finds a window without a signature.</summary>
    public void Start()
    {
        lock (_restarting)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_isStarted) throw new InvalidOperationException("The device has been started already.");
            _isStarted = true;
            for (int k = 0; k < Instances; k++) StartEndpoint(k);
        }
    }

    /// <summary>
    /// The processor behind an instance crashes and boots again: its node disappears without a word, and a fresh one zeroes what it owns and starts over.
    /// </summary>
    /// <param name="instance">From 0.</param>
    public void RestartEndpoint(int instance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(instance);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(instance, Instances);
        lock (_restarting)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Interlocked.Exchange(ref _hosts[instance], null) is { } old)
            {
                // Without its channel the node has nothing to close in order.
                old.Node.Use((_, now) => ((MmbiAttachment)old.Attachment).MmbiLink.DetachChannel(now));
                old.Dispose();
            }

            StartEndpoint(instance);
        }
    }

    /// <summary>Asks the host for a reset of an instance's link.</summary>
    /// <param name="instance">From 0.</param>
    /// <returns>False when the link is not up, or the profile's host would not survive it.</returns>
    public bool RequestReset(int instance)
    {
        // One after the other: a node that restarts meanwhile could not be asked.
        lock (_restarting)
        {
            return !Profile.NeverResets && GetEndpoint(instance) is { } host && host.Node.Read(
                (_, now) => ((MmbiAttachment)host.Attachment).MmbiLink.Channel?.RequestReset(MmbiReason.Requested, now) ?? false);
        }
    }

    /// <summary>Tells the owners that the host is gone, though nobody reset the device: its program has left.</summary>
    public void HostVanished()
    {
        for (int k = 0; k < Instances; k++)
        {
            _signals[k].Rearm();
            if (GetEndpoint(k) is not { } host) continue;
            try
            {
                host.Node.Use((_, now) => ((MmbiAttachment)host.Attachment).MmbiLink.Channel?.PeerVanished(now));
            }
            catch (ObjectDisposedException)
            {
                // It restarts at this moment, which starts over just as well.
            }

            _signals[k].Wake();
        }
    }

    /// <summary>Takes every link down in order, then the function out. Whoever serves the function must have let go of it before.</summary>
    public void Dispose()
    {
        lock (_restarting)
        {
            if (_disposed) return;
            _disposed = true;
            for (int k = 0; k < Instances; k++) Interlocked.Exchange(ref _hosts[k], null)?.Dispose();
        }

        Function.ResetDone -= OnReset;
        Function.Dispose();
        _plan.Dispose();
        foreach (InstanceSignals signals in _signals) signals.Dispose();
    }

    private InstanceSignals CreateSignals(int instance)
    {
        if (Mailbox is not null) return new MailboxSignals(Mailbox, instance);
        int vector = _plan.MessageOf(instance);
        return new MessageSignals(() => RaiseMessage(vector), canWake: Profile.Doorbell == DoorbellPlace.WindowEnd);
    }

    // A system that grants fewer messages than were offered takes what comes on the first one.
    private void RaiseMessage(int vector)
    {
        if (vector >= 0 && Function.RaiseInterrupt(vector) == PciInterruptOutcome.Lost && vector != 0) Function.RaiseInterrupt(0);
    }

    // Under the mailbox's lock: neither a node nor the function is entered from here.
    private void OnMailbox(MailboxSide side, int pair)
    {
        if (side == MailboxSide.Owner) WakeInstance(pair);
        else Function.RaiseInterrupt(Mailbox!.VectorOf(pair));
    }

    private void WakeInstance(int instance) => _signals[instance].Wake();

    private void WakeAll()
    {
        foreach (InstanceSignals signals in _signals) signals.Wake();
    }

    private void OnReset(PciResetKind kind)
    {
        Mailbox?.Reset();
        _bmc?.Reset();
        HostVanished();
        ResetDone?.Invoke(kind);
    }

    // RFC 9562, version 8: what is hashed is our own choice, the first UUID and the instance's number.
    private Guid UuidOf(int instance)
    {
        if (instance == 0) return _options.Uuid;
        const int Length = 16;
        Span<byte> name = stackalloc byte[Length + 1];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _options.Uuid.TryWriteBytes(name, bigEndian: true, out _);
        name[Length] = (byte)instance;
        SHA256.HashData(name, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..Length], bigEndian: true);
    }

    private void StartEndpoint(int instance)
    {
        MmbiDialect dialect = _plan.Dialect;
        SharedRegion window = _plan.OpenWindow(Function, instance);
        var attachment = WindowAttachment.Open(
            window,
            new WindowOptions
            {
                Name = $"mmbi{instance}",
                Text = $"{Profile.Name} instance {instance}",
                Role = MmbiRole.Owner,
                Dialect = dialect,
                Instance = Profile.HasWindowPerInstance ? 0 : instance,
                Instances = _plan.InstancesOfWindow,
                Interrupts = _plan.InterruptsOf(instance),
                DoorbellArea = _plan.DoorbellArea,
                Timings = _plan.Timings,
                NeverResets = Profile.NeverResets,
                IsQuietAfterLeave = !Profile.HasMailbox,
                Mtu = Profile.LargestPacket,
            },
            _signals[instance],
            $"instance {instance} of the emulated device {Profile.Name}");
        Eid eid = _options.StaticEid == Eid.Null ? Eid.Null : new Eid((byte)(_options.StaticEid.Value + instance));
        var host = new EndpointHost(attachment, new EndpointOptions { StaticEid = eid, Uuid = UuidOf(instance) });
        EndpointStarted?.Invoke(instance, host);

        // The first turns of the state machine need nobody else.
        const int Turns = 4;
        for (int i = 0; i < Turns; i++) host.Node.Use((_, now) => attachment.MmbiLink.Channel?.Poll(now));
        Volatile.Write(ref _hosts[instance], host);
    }
}
