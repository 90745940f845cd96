// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>An ivshmem server on a thread of this process, for owners whose socket nobody else serves.</summary>
internal sealed class EmbeddedServer : IDisposable
{
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(5);

    private readonly IvshmemServer _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    public EmbeddedServer(IvshmemServerOptions options)
    {
        _server = new IvshmemServer(options);
        _thread = new Thread(() => _server.Run(_stop.Token)) { IsBackground = true, Name = "ivshmem server" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join(s_stopLimit);
        _server.Dispose();
        _stop.Dispose();
    }
}
