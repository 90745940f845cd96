// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;

namespace Busbar.Cli.Tests;

/// <summary>A system for the mctp program, without a kernel.</summary>
internal sealed class FakeSystem : IMctpSystem
{
    public FakeConfiguration Fake { get; } = new();

    public IMctpConfiguration Configuration => Fake;

    /// <summary>Announced by <see cref="Watch"/>, one after the other.</summary>
    public List<byte[]> Announcements { get; } = [];

    public string? Serial { get; private set; }

    public bool IsTraced { get; private set; }

    public bool IsDisposed { get; private set; }

    public void TraceTo(NetlinkMessageHandler trace)
    {
        IsTraced = true;
        foreach (byte[] datagram in Announcements) trace(datagram);
    }

    public void Watch(NetlinkMessageHandler announced, Action? listening = null, Action? lost = null, CancellationToken stop = default)
    {
        listening?.Invoke();
        foreach (byte[] datagram in Announcements) announced(datagram);
    }

    public void HoldSerial(string path) => Serial = path;

    public void Dispose() => IsDisposed = true;
}
