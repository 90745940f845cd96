// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>
/// A network controller on D-Bus: mctpd's objects under mctpd's name, and our own interfaces beside them. It comes back by itself when the bus went and is there again.
/// </summary>
/// <remarks>The thread of the event loop.</remarks>
public sealed class DbusService : IDisposable
{
    /// <summary>The name that clients look for; its appearance says that the daemon is ready.</summary>
    public const string BusName = "au.com.codeconstruct.MCTP1";

    private static readonly TimeSpan s_greeting = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_nameLimit = TimeSpan.FromSeconds(25);

    private readonly EventLoop _loop;
    private readonly NetworkController _controller;
    private readonly DbusOptions _options;
    private readonly Action<string> _note;
    private readonly ITimer _retry;
    private DbusSession? _session;
    private bool _wantsName;
    private bool _disposed;

    private DbusService(EventLoop loop, NetworkController controller, DbusOptions options, Action<string> note)
    {
        _loop = loop;
        _controller = controller;
        _options = options;
        _note = note;
        _retry = loop.Time.CreateTimer(_ => Reconnect(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>True while the name is ours.</summary>
    public bool HasName { get; private set; }

    /// <summary>Connects and offers the objects; clients find them when <see cref="ClaimName"/> was called.</summary>
    /// <param name="loop">Where everything runs; the caller is in its thread, or nobody runs it yet.</param>
    /// <param name="controller">What is shown; started or not.</param>
    /// <param name="options">Which bus, and how.</param>
    /// <param name="note">Gets lines for people: why there is no D-Bus, that the bus went, that it is back.</param>
    /// <returns>Null when there is no D-Bus; <paramref name="note"/> was told why, unless <paramref name="options"/> ask for none.</returns>
    public static DbusService? TryStart(EventLoop loop, NetworkController controller, DbusOptions options, Action<string> note)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(controller);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(note);
        if (options.Bus == DbusChoice.None) return null;
        if (SdBus.Missing is { } why)
        {
            note($"No D-Bus: {why}.");
            return null;
        }

        var service = new DbusService(loop, controller, options, note);
        try
        {
            service.Connect();
            return service;
        }
        catch (LinuxException refused)
        {
            note($"No D-Bus: {refused.Message}; start the bus, name another one, or choose none.");
            service.Dispose();
            return null;
        }
    }

    /// <summary>Asks the bus for <see cref="BusName"/>; the last thing that a daemon does before it is ready. After a loss of the bus it is asked for again.</summary>
    /// <returns>True when the name is ours; false when somebody else has it, or the bus does not let us: the note says which.</returns>
    public Task<bool> ClaimName()
    {
        _wantsName = true;
        return _session is { } session ? ClaimAsync(session) : Task.FromResult(false);
    }

    /// <summary>Leaves the bus.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        HasName = false;
        _retry.Dispose();
        _session?.Dispose();
        _session = null;
    }

    private void Connect()
    {
        DbusConnection connection = DbusSession.Open(_options, s_greeting);
        try
        {
            _session = new DbusSession(_loop, connection, _controller, _options, _note, Lost);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Lost(string why)
    {
        HasName = false;
        _session?.Dispose();
        _session = null;
        if (_disposed) return;
        _note($"D-Bus: {why}; trying again every {_options.Retry.TotalSeconds:0} s.");
        _retry.Change(_options.Retry, Timeout.InfiniteTimeSpan);
    }

    private void Reconnect()
    {
        if (_disposed || _session is not null) return;
        try
        {
            Connect();
        }
        catch (LinuxException)
        {
            // Said once when it went; said again when it is back.
            _retry.Change(_options.Retry, Timeout.InfiniteTimeSpan);
            return;
        }

        _note("D-Bus: connected again.");
        if (_wantsName) _ = ClaimAsync(_session!);
    }

    private async Task<bool> ClaimAsync(DbusSession session)
    {
        try
        {
            session.Rehearse();
            DbusNameResult result = await session.Connection.RequestNameAsync(BusName, DbusNameFlags.DoNotQueue, s_nameLimit);
            if (session != _session) return false;
            HasName = result is DbusNameResult.PrimaryOwner or DbusNameResult.AlreadyOwner;
            if (!HasName) _note($"D-Bus: another program owns the name {BusName}; stop it (mctpd, perhaps, or another Busbar daemon).");
            return HasName;
        }
        catch (DbusException refused) when (refused.Name == DbusErrorName.AccessDenied)
        {
            _note($"D-Bus: this user may not own the name {BusName}; install packaging/dbus/{BusName}.conf in /usr/share/dbus-1/system.d and run as the user that it names.");
        }
        catch (DbusException refused)
        {
            _note($"D-Bus: the name {BusName} cannot be had: {refused.Message}");
        }

        return false;
    }
}
