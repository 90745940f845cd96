// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli.Tests;

/// <summary>One daemon for all tests of a class; each test uses an endpoint of its own.</summary>
public sealed class DaemonFixture : IDisposable
{
    internal DaemonProcess Daemon { get; } = new();

    public void Dispose() => Daemon.Dispose();
}
