// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Busbar.ControlPlane;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>A whole daemon in this process, from a configuration text, with its socket in a folder of its own.</summary>
internal sealed class RunningDaemon : IDisposable
{
    private readonly RunningLoop _loop = new();
    private MctpDaemon? _daemon;

    public RunningDaemon(string configuration)
    {
        File = Folder.File("busbar.toml");
        SocketPath = Folder.File("s");
        Write(configuration);
        DaemonConfiguration read = Read();
        _daemon = _loop.Do(() => MctpDaemon.StartAsync(_loop.Loop, read, new DaemonOptions { Reread = Read, Note = Notes.Enqueue, Version = "9.9.9" }));
    }

    public TestFolder Folder { get; } = new();

    public string File { get; }

    public string SocketPath { get; }

    public ConcurrentQueue<ControlNote> Notes { get; } = new();

    public bool IsReloading => _daemon!.IsReloading;

    public NetworkController Controller => _daemon!.Controller;

    /// <summary>Replaces the configuration file.</summary>
    public void Write(string configuration) => System.IO.File.WriteAllText(File, configuration);

    public RemoteAdministration Administer() => RemoteAdministration.Connect(SocketPath, RunningLoop.Limit);

    public T Do<T>(Func<T> work) => _loop.Do(work);

    public void Dispose()
    {
        if (_daemon is { } daemon) _loop.Do(daemon.Dispose);
        _daemon = null;
        _loop.Dispose();
        Folder.Dispose();
    }

    private DaemonConfiguration Read()
    {
        DaemonConfiguration read = ConfigurationFile.Load(File, ConfigurationDialect.Busbar);
        return read with { Daemon = read.Daemon with { Socket = SocketPath, Mux = "", Dbus = DbusChoice.None } };
    }
}
