// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// A running <c>busbar daemon</c> as seen by a client: its configuration (links, EIDs, routes, neighbours), its peers, its tables, and word of changes.
/// </summary>
/// <remarks>
/// Any thread. Refusals of the daemon arrive as <see cref="HostException"/> (configuration) and <see cref="ControlPlaneException"/> (peers), with the daemon's own text; a daemon
/// that is gone or silent as <see cref="MctpException"/>.
/// </remarks>
public sealed partial class RemoteAdministration : IMctpConfiguration, IPeerAdministration, IDisposable
{
    private readonly AdministrationConnection _connection;

    private RemoteAdministration(AdministrationConnection connection, string path)
    {
        _connection = connection;
        SocketPath = path;
    }

    /// <summary>The daemon's socket.</summary>
    public string SocketPath { get; }

    /// <summary>Connects to a daemon.</summary>
    /// <param name="path">Its socket; null for <see cref="DaemonSocketPath.ForClient"/>.</param>
    /// <param name="timeout">How long each question may take; null for 30 seconds. Peers that do not answer cost the daemon about a second for each query.</param>
    /// <exception cref="MctpException">As for <see cref="DaemonMctp.Open"/>.</exception>
    public static RemoteAdministration Connect(string? path = null, TimeSpan? timeout = null)
    {
        path ??= DaemonSocketPath.ForClient();
        var connection = new AdministrationConnection(DaemonConnector.Connect(path, LaneKind.Administration), path, timeout ?? TimeSpan.FromSeconds(30));
        return new RemoteAdministration(connection, path);
    }

    /// <summary>All that the daemon knows, at one moment.</summary>
    public StateReport State() => Ask(new AdministrationRequest { Method = AdministrationMethod.State }).State ?? throw NoAnswer();

    /// <summary>The daemon itself.</summary>
    public DaemonReport Daemon() => Ask(new AdministrationRequest { Method = AdministrationMethod.Daemon }).Daemon ?? throw NoAnswer();

    /// <summary>The links with roles, EIDs and counters, by index.</summary>
    public IReadOnlyList<LinkReport> LinkReports() => Ask(new AdministrationRequest { Method = AdministrationMethod.Links }).Links ?? [];

    /// <summary>The endpoints, by network and EID; the daemon's own and those that are not published among them.</summary>
    public IReadOnlyList<EndpointReport> Endpoints() => Ask(new AdministrationRequest { Method = AdministrationMethod.Endpoints }).Endpoints ?? [];

    /// <summary>The networks with their pools, by number.</summary>
    public IReadOnlyList<NetworkReport> Networks() => Ask(new AdministrationRequest { Method = AdministrationMethod.Networks }).Networks ?? [];

    /// <summary>Has the daemon read its configuration file again and apply the difference.</summary>
    /// <exception cref="HostException"><see cref="HostError.Invalid"/> when the file is broken; the daemon keeps the old configuration.</exception>
    public void Reload() => Ask(new AdministrationRequest { Method = AdministrationMethod.Reload });

    /// <summary>
    /// Follows changes, from the moment at which the first is asked for, over a connection of its own. A reader that is too slow gets one <see cref="ChangeKind.Missed"/> instead of those
    /// that it missed.
    /// </summary>
    /// <param name="cancellation">Ends the stream without an exception.</param>
    /// <exception cref="MctpException">The daemon went.</exception>
    public async IAsyncEnumerable<ChangeReport> WatchAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var watch = AdministrationWatch.Open(SocketPath);
        await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static state => ((AdministrationWatch)state!).Stop(), watch);
        while (await Task.Run(() => watch.Next(cancellation), CancellationToken.None).ConfigureAwait(false) is { } change) yield return change;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private AdministrationAnswer Ask(AdministrationRequest request) => _connection.AskAsync(request).ConfigureAwait(false).GetAwaiter().GetResult();

    private MctpException NoAnswer() => new(MctpError.PeerError, $"the daemon at '{SocketPath}' answered without saying anything; use programs of one release");
}
