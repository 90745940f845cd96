// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>A vfio-user server at work on its own thread with the small test function behind it.</summary>
internal sealed class VfioUserServed : IDisposable
{
    private const int LimitMs = 10_000;

    private readonly TemporaryFolder _folder = new();

    public VfioUserServed(Func<VfioUserServerOptions, VfioUserServerOptions>? adjust = null)
    {
        var options = new VfioUserServerOptions { SocketPath = _folder.File("v") };
        Server = new VfioUserServer(Function, adjust?.Invoke(options) ?? options);
        Server.MessageRefused += Refused.Enqueue;
        Server.Start();
    }

    public VfioUserTestFunction Function { get; } = new();

    public VfioUserServer Server { get; }

    public System.Collections.Concurrent.ConcurrentQueue<VfioUserRefusedMessage> Refused { get; } = new();

    public string Path => Server.SocketPath;

    /// <summary>Waits for something that another thread brings about.</summary>
    public static void Until(Func<bool> condition, string what) => Assert.True(SpinWait.SpinUntil(condition, LimitMs), what);

    /// <summary>A client that has not said anything yet.</summary>
    public VfioUserRaw Connect() => new(Path);

    /// <summary>A client that has agreed on the version, as QEMU does.</summary>
    public VfioUserRaw Negotiated()
    {
        VfioUserRaw client = Connect();
        client.Negotiate();
        return client;
    }

    public void Dispose()
    {
        Server.Dispose();
        Function.Dispose();
        _folder.Dispose();
    }
}
