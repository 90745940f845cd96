// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>
/// A whole daemon in one event loop: links, control plane, clients' sockets, D-Bus, brought up in this order and taken down in the other.
/// </summary>
/// <remarks>All members are called in the loop's thread.</remarks>
public sealed class MctpDaemon : IDisposable
{
    private readonly EventLoop _loop;
    private readonly DaemonOptions _options;
    private readonly IDaemonSystem _system;
    private DaemonConfiguration _configuration;
    private NetworkController? _controller;
    private ChangeFeed? _changes;
    private DaemonSockets? _sockets;
    private DbusService? _dbus;
    private Task _reload = Task.CompletedTask;
    private bool _disposed;

    private MctpDaemon(EventLoop loop, DaemonConfiguration configuration, DaemonOptions options, IDaemonSystem system)
    {
        _loop = loop;
        _configuration = configuration;
        _options = options;
        _system = system;
        system.Noted += options.Note;
    }

    /// <summary>Path of the clients' socket; null when there is none.</summary>
    public string? SocketPath => _sockets?.ClientPath;

    /// <summary>Clients that are connected now, on both sockets.</summary>
    public int Clients => _sockets?.Counters.Connected ?? 0;

    /// <summary>The control plane.</summary>
    public NetworkController Controller => _controller ?? throw new InvalidOperationException("the daemon has not started");

    /// <summary>Whether the configuration is being read again.</summary>
    internal bool IsReloading => !_reload.IsCompleted;

    /// <summary>What runs, in one line.</summary>
    public string Status
    {
        get
        {
            int links = _system.Host.Links().Count;
            int endpoints = Controller.Endpoints.All.Count(endpoint => !endpoint.IsLocal);
            return $"{links} {(links == 1 ? "link" : "links")}, {endpoints} {(endpoints == 1 ? "endpoint" : "endpoints")}, {Backend} back end{(_dbus is null ? ", no D-Bus" : "")}";
        }
    }

    private string Backend => _configuration.Backend == DaemonBackend.User ? "user" : "kernel";

    /// <summary>Starts a daemon; completes when everything is up.</summary>
    /// <param name="loop">The loop, whose thread calls.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="options">What else there is to know.</param>
    /// <exception cref="HostException">The system below is missing or refuses.</exception>
    /// <exception cref="MctpException">A link cannot be opened.</exception>
    /// <exception cref="Linux.LinuxException">A socket cannot be made.</exception>
    public static async Task<MctpDaemon> StartAsync(EventLoop loop, DaemonConfiguration configuration, DaemonOptions options)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(options);
        IDaemonSystem system = configuration.Backend == DaemonBackend.User
            ? new UserSystem(loop, configuration.Forwards)
            : KernelSystem.Open(loop, offersSockets: !options.IsMctpd);
        var daemon = new MctpDaemon(loop, configuration, options, system);
        try
        {
            await daemon.StartAsync();
            return daemon;
        }
        catch
        {
            daemon.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads the configuration again and applies the difference. What is refused leaves the rest as it is. Whoever asks while that goes on has it read once more afterwards, as the file may
    /// have changed since.
    /// </summary>
    /// <exception cref="ConfigurationException">The file is broken; the old configuration stays.</exception>
    /// <exception cref="HostException">There is no file, or the daemon is ending.</exception>
    public async Task ReloadAsync()
    {
        if (_options.Reread is not { } reread) throw new HostException(HostError.NotSupported, "the daemon runs without a configuration file; there is nothing to read again");
        Task before = _reload;
        var turn = new TaskCompletionSource();
        _reload = turn.Task;
        try
        {
            await before;
            if (_disposed) throw new HostException(HostError.Failed, "the daemon is ending");
            await ReloadAsync(reread());
        }
        finally
        {
            turn.SetResult();
        }
    }

    /// <summary>Leaves the bus, lets clients go, ends the control plane, takes the links down.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _dbus?.Dispose();
        _sockets?.Dispose();
        _changes?.Dispose();
        _controller?.Dispose();
        _system.Dispose();
    }

    private async Task ReloadAsync(DaemonConfiguration next)
    {
        DaemonConfiguration before = _configuration;
        foreach (string part in NeedsRestart(before, next)) Note(NoteSeverity.Warning, $"{part} changed in '{next.File}'; it takes effect when the daemon starts again");
        next = next with { Backend = before.Backend };
        _configuration = next;
        if (_sockets is not null) _sockets.Counters.Most = next.Daemon.MostClients;
        await Controller.ReconfigureAsync(ControllerOptions(next), () => _system.ApplyAsync(before, next));
        if (_disposed) return;
        Announce(next.Daemon);
        _options.Reloaded(next);
    }

    private static IEnumerable<string> NeedsRestart(DaemonConfiguration before, DaemonConfiguration next)
    {
        if (before.Backend != next.Backend) yield return "backend";
        if (before.Uuid != next.Uuid) yield return "uuid in [mctp]";
        if (Doors(before.Daemon) != Doors(next.Daemon)) yield return "[daemon]";

        static (string?, UnixFileMode, string?, string, DbusChoice, string?, bool) Doors(DaemonSettings settings) => (
            settings.Socket, settings.SocketMode, settings.SocketGroup, settings.Mux, settings.Dbus, settings.DbusAddress, settings.NetworkIdAsInt32);
    }

    private async Task StartAsync()
    {
        await _system.ApplyAsync(null, _configuration);
        if (_options.IsMctpd && _system.Host.Links().Count == 0)
            throw new HostException(HostError.NotFound, "there is no MCTP interface; bring one up first ('mctp link' lists them)");
        _controller = new NetworkController(_system.Host, _system.Time, ControllerOptions(_configuration));
        _controller.Noted += _options.Note;
        Announce(_configuration.Daemon);
        _controller.Start();
        var state = new StateReader(_controller, _system, Report);
        _changes = new ChangeFeed(_controller, state);
        if (!_options.IsMctpd) _sockets = DaemonSockets.Open(_loop, _configuration.Daemon, _system, new AdministrationService(_controller, state, _changes, ReloadAsync), _options.Note);
        _dbus = DbusService.TryStart(_loop, _controller, BusOptions(), text => Note(NoteSeverity.Warning, text));
        if (_dbus is not null && await _dbus.ClaimName()) return;
        if (_options.IsMctpd) throw new HostException(HostError.Unreachable, "there is no D-Bus to serve on, or the name is taken; see the line above");
    }

    private NetworkControllerOptions ControllerOptions(DaemonConfiguration configuration) => new()
    {
        Uuid = configuration.Uuid ?? MachineIdentity.Uuid(),
        RoleOf = configuration.RoleOf,
        MessageTimeout = configuration.MessageTimeout,
        DynamicFirst = configuration.DynamicFirst,
        DynamicLast = configuration.DynamicLast,
        MaximumPoolSize = configuration.MaximumPoolSize,
        EndpointPoll = configuration.EndpointPoll,
        AutoDiscover = configuration.Discovers,
        WantedPoolSize = configuration.WantedPoolSize,
        ScanAddresses = link => configuration.Links.FirstOrDefault(settings => settings.Name == link.Name)?.Scan ?? [],
        ReservedEid = (link, address) => configuration.Reservations.FirstOrDefault(place => place.Link == link.Name && place.Address == address)?.Eid,
        ReservedEids = network => [.. from link in _system.Host.Links()
                                      where link.Network == network
                                      from place in configuration.Reservations
                                      where place.Link == link.Name
                                      select place.Eid],
    };

    private DbusOptions BusOptions() => new()
    {
        Bus = _configuration.Daemon.Dbus,
        Address = _configuration.Daemon.DbusAddress,
        NetworkIdAsInt32 = _configuration.Daemon.NetworkIdAsInt32,
        Backend = Backend,
        Version = _options.Version,
        CountersOf = link => _system.StatisticsOf(link.Host.Index),
    };

    // What the daemon itself answers, and what clients serve who do not say so over D-Bus. The types of vendors come with command sets of their own, which clients register.
    private void Announce(DaemonSettings settings)
    {
        Controller.Types.Unregister(this);
        foreach (MessageType type in settings.MessageTypes.Where(type => type.Value < MessageType.VendorPci.Value))
        {
            Offer(() => Controller.Types.RegisterType(this, type.Value, [BitConverter.IsLittleEndian ? 0x00_F0_F0_F1u : 0xF1_F0_F0_00u]));
        }

        if (_configuration.Backend != DaemonBackend.User) return;
        if (settings.OffersEcho) Offer(() => Controller.Types.RegisterVendorSet(this, EchoSet));
        if (settings.OffersBench) Offer(() => Controller.Types.RegisterVendorSet(this, BenchSet));
    }

    // A program may have registered the same on D-Bus before; then it is announced already.
    private void Offer(Action register)
    {
        try
        {
            register();
        }
        catch (ControlPlaneException refusal)
        {
            Note(NoteSeverity.Warning, refusal.Message);
        }
    }

    // The number in front of echo and bench messages; nobody's registered vendor ID.
    private static VendorDefinedSet EchoSet => new(VendorIdFormat.Pci, 0xCCDE, 0x00F0);

    private static VendorDefinedSet BenchSet => new(VendorIdFormat.Pci, 0xCCDE, 0x00F1);

    private DaemonReport Report() => new()
    {
        Version = _options.Version,
        Backend = Backend,
        Uuid = Controller.Options.Uuid,
        ProcessId = Environment.ProcessId,
        ConfigurationFile = _configuration.File,
        HasDbus = _dbus?.HasName ?? false,
        Clients = _sockets?.Counters.ToReport() ?? new ClientReport(),
        Stack = _system.Counters(),
    };

    private void Note(NoteSeverity severity, string text) => _options.Note(new ControlNote(severity, text));
}
