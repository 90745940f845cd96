// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Reflection;
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Node;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Busbar.Daemon;

/// <summary>The daemon as a hosted service: one thread that runs the loop, and word for the service manager.</summary>
internal sealed class DaemonService : IHostedService, IDisposable
{
    private readonly DaemonInvocation _invocation;
    private readonly ILogger<DaemonService> _logger;
    private readonly IHostApplicationLifetime _application;
    private readonly StderrLoggerProvider _stderr;
    private readonly EventLoop _loop = new();
    private Thread? _thread;
    private MctpDaemon? _daemon;
    private StatusLine? _status;
    private bool _wantsReload;

    public DaemonService(DaemonInvocation invocation, ILogger<DaemonService> logger, IHostApplicationLifetime application, StderrLoggerProvider stderr)
    {
        _invocation = invocation;
        _logger = logger;
        _application = application;
        _stderr = stderr;
    }

    /// <summary>What ended the loop when nobody asked for it.</summary>
    public Exception? Failure { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { Name = "busbar daemon", IsBackground = true };
        _thread.Start();
        await _loop.InvokeAsync(async () => _daemon = await MctpDaemon.StartAsync(_loop, _invocation.Configuration, Options())).ConfigureAwait(false);
        string status = await _loop.InvokeAsync(() => Task.FromResult(_daemon!.Status)).ConfigureAwait(false);
        _logger.Ready(status);
        ServiceManager.TryNotify($"READY=1\nSTATUS={status}");
        bool reload = await _loop.InvokeAsync(() =>
        {
            _status = new StatusLine(_daemon!.Controller, _loop.Time, () => _daemon.Status, status);
            return Task.FromResult(_wantsReload);
        }).ConfigureAwait(false);
        if (reload) RequestReload();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        ServiceManager.TryNotify("STOPPING=1\nSTATUS=ending");
        _logger.Ending();
        if (_thread is not { IsAlive: true }) return;
        await _loop.InvokeAsync(() =>
        {
            _status?.Dispose();
            _daemon?.Dispose();
            return Task.FromResult(true);
        }).WaitAsync(cancellationToken).ConfigureAwait(false);
        _loop.Stop();
        _thread.Join();
    }

    /// <summary>Has the configuration read again, soon. Any thread.</summary>
    public void RequestReload() => _loop.Post(_ => _ = ReloadAsync(), state: null);

    public void Dispose()
    {
        if (_thread is { IsAlive: true })
        {
            _loop.Stop();
            _thread.Join();
        }

        _loop.Dispose();
    }

    private DaemonOptions Options() => new()
    {
        IsMctpd = _invocation.IsMctpd,
        Version = typeof(DaemonService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0",
        Note = _logger.Note,
        Reloaded = configuration => _stderr.Least = _invocation.IsVerbose || configuration.Daemon.IsVerbose ? LogLevel.Debug : LogLevel.Information,
        Reread = _invocation.Configuration.File is { } file ? () => _invocation.Override(ConfigurationFile.Load(file, _invocation.Dialect)) : null,
    };

    private async Task ReloadAsync()
    {
        if (_daemon is not { } daemon)
        {
            // A signal that came while the daemon started.
            _wantsReload = true;
            return;
        }

        ServiceManager.TryNotify($"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}");
        try
        {
            await daemon.ReloadAsync();
            _logger.Reloaded(_invocation.Configuration.File!, daemon.Status);
        }
        catch (ConfigurationException broken)
        {
            _logger.NotReloaded(broken.Message);
        }
        catch (Exception refusal)
        {
            // Whatever it is, the daemon goes on, and the service manager must hear that it is ready again.
            _logger.PartlyReloaded(refusal.Message);
        }

        ServiceManager.TryNotify($"READY=1\nSTATUS={daemon.Status}");
    }

    private void Run()
    {
        try
        {
            _loop.Run();
        }
        catch (Exception defect)
        {
            Failure = defect;
            _application.StopApplication();
        }
    }
}
