// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Cli;

/// <summary>
/// SIGINT, SIGTERM and SIGHUP as a cancellation: the first asks for an orderly end, the second ends the process at once with 128 + its number.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, 15)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => OnSignal(context, 1)),
    ];

    public CancellationToken Token => _source.Token;

    /// <summary>Asks for an orderly end as a signal would.</summary>
    public void Request() => _source.Cancel();

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context, int number)
    {
        if (_source.IsCancellationRequested) Environment.Exit(128 + number);
        context.Cancel = true;
        _source.Cancel();
    }
}
