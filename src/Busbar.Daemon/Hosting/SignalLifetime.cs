// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Busbar.Daemon;

/// <summary>SIGTERM and SIGINT end the daemon in order (a second one ends it at once), SIGHUP has it read its configuration again.</summary>
internal sealed class SignalLifetime : IHostLifetime, IDisposable
{
    private readonly IHostApplicationLifetime _application;
    private readonly DaemonService _service;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _ends;

    public SignalLifetime(IHostApplicationLifetime application, DaemonService service)
    {
        _application = application;
        _service = service;
    }

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, End));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, End));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = Interlocked.Increment(ref _ends) == 1;
        if (context.Cancel) _application.StopApplication();
    }

    private void Reload(PosixSignalContext context)
    {
        context.Cancel = true;
        _service.RequestReload();
    }
}
