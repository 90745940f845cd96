// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>The sockets that a daemon offers: for clients, and the demultiplexer's.</summary>
internal sealed class DaemonSockets : IDisposable
{
    private readonly ClientListener? _clients;
    private readonly MuxListener? _mux;

    private DaemonSockets(ClientListener? clients, string? path, MuxListener? mux, ClientCounters counters)
    {
        _clients = clients;
        ClientPath = path;
        _mux = mux;
        Counters = counters;
    }

    public string? ClientPath { get; }

    public ClientCounters Counters { get; }

    public static DaemonSockets Open(EventLoop loop, DaemonSettings settings, IDaemonSystem system, AdministrationService administration, Action<ControlNote> note)
    {
        var counters = new ClientCounters(settings.MostClients);
        string path = settings.Socket ?? DaemonSocketPath.ForDaemon();
        ClientListener? clients = null;
        if (path.Length != 0)
        {
            UnixListener listener = UnixListener.BindPackets(path, mode: settings.SocketMode);
            try
            {
                if (settings.SocketGroup is { } group) FileGroup.Set(path, group);
                clients = new ClientListener(loop, listener, system.Sockets, administration, counters);
            }
            catch
            {
                listener.Dispose();
                throw;
            }

            note(new ControlNote(NoteSeverity.Information, $"clients: {path}"));
        }

        return new DaemonSockets(clients, path.Length == 0 ? null : path, OpenMux(loop, settings, system, counters, note), counters);
    }

    public void Dispose()
    {
        _mux?.Dispose();
        _clients?.Dispose();
    }

    // Another demultiplexer of the machine may have the name; the daemon has more to offer than that.
    private static MuxListener? OpenMux(EventLoop loop, DaemonSettings settings, IDaemonSystem system, ClientCounters counters, Action<ControlNote> note)
    {
        if (settings.Mux.Length == 0 || system.Sockets is not { } sockets) return null;
        try
        {
            UnixListener listener = UnixListener.BindAbstractPackets(settings.Mux);
            note(new ControlNote(NoteSeverity.Information, $"demultiplexer: @{settings.Mux}"));
            return new MuxListener(
                loop,
                listener,
                sockets,
                eid => system.Host.Addresses().Any(address => address.Eid == eid),
                counters,
                text => note(new ControlNote(NoteSeverity.Warning, text)));
        }
        catch (LinuxException refusal)
        {
            note(new ControlNote(NoteSeverity.Warning, $"no demultiplexer: {refusal.Message}; stop the program that has the name, or choose another one with 'mux' in [daemon]"));
            return null;
        }
    }
}
