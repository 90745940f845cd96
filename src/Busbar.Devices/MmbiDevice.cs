// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>
/// An emulated PCI device with MCTP endpoints behind it: what a host sees is <see cref="Function"/>, and behind each instance of its windows an
/// endpoint answers control requests, echo and bench, as firmware of the embedded processor would.
/// </summary>
/// <remarks>
/// The function can be shown to a guest by a vfio-user server or driven in the same process. Members may be called from any thread, except that
/// restarting and disposing are one thread's business.
/// </remarks>
public sealed class MmbiDevice : IDisposable
{
    /// <summary>The smallest window.</summary>
    public const int SmallestWindow = 64 << 10;

    /// <summary>The largest window.</summary>
    public const int LargestWindow = 1 << 30;

    private const int BarCount = 6;
    private const int MostInstances = 7;

    private readonly MmbiDeviceOptions _options;
    private readonly Board _board;
    private readonly Lock _endpointsGate = new();
    private readonly EndpointHost?[] _endpoints;
    private bool _isDisposed;

    /// <summary>Builds the device and boots its endpoints: the descriptors stand in the windows when this returns or a moment later.</summary>
    /// <param name="options">What it is made of; null for one instance of the profile of our own.</param>
    /// <exception cref="MctpException"><see cref="MctpError.BadConfiguration"/>: the options contradict each other.</exception>
    public MmbiDevice(MmbiDeviceOptions? options = null)
    {
        _options = options ?? new MmbiDeviceOptions();
        EnsureSensible(_options);
        _board = _options.Profile == DeviceProfile.Busbar ? new MailboxBoard(_options) : new Ast2700Board(_options);
        _endpoints = new EndpointHost?[_options.Instances];
        try
        {
            for (int instance = 0; instance < _endpoints.Length; instance++) Boot(instance);
        }
        catch
        {
            Dispose();
            throw;
        }

        _board.Function.ResetDone += OnReset;
    }

    /// <summary>An endpoint booted, at first or again; tells the instance. Raised before the endpoint's first turn is waited for.</summary>
    public event Action<int, EndpointHost>? Booted;

    /// <summary>The function was reset from outside. Under the function's lock; must not block.</summary>
    public event Action<PciResetKind>? WasReset;

    /// <summary>What the host sees.</summary>
    public PciFunction Function => _board.Function;

    /// <summary>How many instances there are.</summary>
    public int Instances => _endpoints.Length;

    /// <summary>The endpoint of an instance, as booted last.</summary>
    /// <param name="instance">From 0.</param>
    /// <exception cref="ObjectDisposedException">The device is gone.</exception>
    public EndpointHost Endpoint(int instance)
    {
        lock (_endpointsGate) return _endpoints[instance] ?? throw new ObjectDisposedException(nameof(MmbiDevice));
    }

    /// <summary>
    /// The embedded processor of an instance crashes and boots again: its words stay in the window as they are, then fresh firmware starts over. The host sees a
    /// reset that nobody asked for.
    /// </summary>
    /// <param name="instance">From 0.</param>
    public void RestartEndpoint(int instance)
    {
        lock (_endpointsGate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            EndpointHost former = _endpoints[instance]!;
            var attachment = (MmbiAttachment)former.Attachment;

            // Without its channel the node has nothing to take down in order.
            former.Node.Use((_, now) => attachment.MmbiLink.DetachChannel(now));
            former.Dispose();
            Boot(instance);
        }
    }

    /// <summary>Asks for a reset of an instance's link from the owner's side.</summary>
    /// <param name="instance">From 0.</param>
    /// <returns>False when the link is not up, or the profile's host would not survive it.</returns>
    public bool RequestReset(int instance) => Endpoint(instance).Node.Read((_, now) =>
        ((MmbiAttachment)Endpoint(instance).Attachment).MmbiLink.Channel?.RequestReset(MmbiReason.Requested, now) ?? false);

    /// <summary>Takes the links down in order, for the host to see, and frees everything. Whatever serves the function must have stopped.</summary>
    public void Dispose()
    {
        lock (_endpointsGate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _board.Function.ResetDone -= OnReset;
            for (int instance = 0; instance < _endpoints.Length; instance++)
            {
                _endpoints[instance]?.Dispose();
                _endpoints[instance] = null;
            }
        }

        _board.Dispose();
    }

    private static void EnsureSensible(MmbiDeviceOptions options)
    {
        int most = options.Profile == DeviceProfile.Ast2700 ? BarCount : MostInstances;
        if (options.Instances < 1 || options.Instances > most) throw Refusal($"{options.Instances} instances; this profile has 1 to {most}");
        if (options.WindowSize is < SmallestWindow or > LargestWindow || !BitOperations.IsPow2(options.WindowSize))
            throw Refusal($"a window of {options.WindowSize} bytes; write a power of two from 64K to 1G");
        if (options.Dialect is not null && options.Profile != DeviceProfile.Busbar) throw Refusal("the dialect of an ast2700 profile is that of its host driver; leave it out");
        if (options.StaticEid != Eid.Null && !new Eid((byte)Math.Min(byte.MaxValue, options.StaticEid.Value + options.Instances - 1)).IsAssignable)
            throw Refusal($"EIDs from {options.StaticEid} on do not suffice for {options.Instances} instances");
    }

    private static MctpException Refusal(string what) => new(MctpError.BadConfiguration, $"device: {what}");

    // The caller holds the gate, or nobody else knows the device yet.
    private void Boot(int instance)
    {
        WindowAttachment attachment = WindowAttachment.Open(
            _board.OpenWindow(instance), _board.OwnerOptions(instance), _board.SignalsOf(instance), $"{_board.Function.Name} instance {instance}");
        attachment.StartedOver = () => _board.OnLinkReset(instance);
        var endpoint = new EndpointHost(attachment, new EndpointOptions
        {
            StaticEid = _options.StaticEid == Eid.Null ? Eid.Null : new Eid((byte)(_options.StaticEid.Value + instance)),
            Uuid = instance == 0 && _options.Uuid is { } uuid ? uuid : Guid.NewGuid(),
        });
        _endpoints[instance] = endpoint;
        Booted?.Invoke(instance, endpoint);
    }

    // Whoever resets the function has forgotten the session; what its windows say of the host is that of a former life.
    private void OnReset(PciResetKind kind)
    {
        _board.OnReset();
        foreach (EndpointHost? endpoint in _endpoints)
        {
            if (endpoint?.Attachment is MmbiAttachment attachment) endpoint.Node.Use((_, now) => attachment.MmbiLink.PeerVanished(now));
        }

        WasReset?.Invoke(kind);
    }
}
