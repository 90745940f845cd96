// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci.Tests;

/// <summary>An ivshmem server at work on its own thread, for tests of clients.</summary>
internal sealed class ServedSocket : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly Thread _loop;
    private bool _stopped;

    public ServedSocket(int vectors = 1, long size = 1 << 16, int maximumClients = 256)
    {
        Path = _folder.File("s");
        Server = new IvshmemServer(new IvshmemServerOptions { SocketPath = Path, Size = size, Vectors = vectors, MaximumClients = maximumClients });
        _loop = new Thread(() => Server.Run(_cancel.Token));
        _loop.Start();
    }

    public string Path { get; }

    public IvshmemServer Server { get; }

    public IvshmemClient Connect() => IvshmemClient.Connect(Path, 10_000);

    public void Stop()
    {
        if (_stopped) return;
        _stopped = true;
        _cancel.Cancel();
        if (!_loop.Join(10_000)) throw new TimeoutException("The server did not stop.");
        Server.Dispose();
    }

    public void Dispose()
    {
        Stop();
        _cancel.Dispose();
        _folder.Dispose();
    }
}
