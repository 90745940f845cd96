// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;

namespace Busbar.Guest.Tests;

/// <summary>Two connected streams, as the harness and the guest have them.</summary>
internal sealed class StreamPair : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("busbar-guest-");

    public StreamPair()
    {
        var address = new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "s"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen(1);
        var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        left.Connect(address);
        Harness = new NetworkStream(left, ownsSocket: true);
        Guest = new NetworkStream(listener.Accept(), ownsSocket: true);
        Harness.ReadTimeout = Guest.ReadTimeout = Harness.WriteTimeout = Guest.WriteTimeout = 30_000;
    }

    /// <summary>The harness's end.</summary>
    public NetworkStream Harness { get; }

    /// <summary>The guest's end.</summary>
    public NetworkStream Guest { get; }

    public void Dispose()
    {
        Harness.Dispose();
        Guest.Dispose();
        _folder.Delete(recursive: true);
    }
}
