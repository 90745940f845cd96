// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Text;
using Busbar.Linux;

namespace Busbar.Daemon.Tests;

public sealed class ServiceManagerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryNotify_WithASocketThatListens_ReachesIt(bool isAbstract)
    {
        using var folder = new TestFolder();
        string name = isAbstract ? $"@busbar-notify-{Guid.NewGuid():N}" : folder.File("n");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name[1..] : name));
        manager.ReceiveTimeout = 10_000;
        byte[] buffer = new byte[256];

        Environment.SetEnvironmentVariable(ServiceManager.Variable, name);
        try
        {
            Assert.True(ServiceManager.TryNotify("READY=1\nSTATUS=one link"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(ServiceManager.Variable, null);
        }

        Assert.Equal("READY=1\nSTATUS=one link", Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/nowhere/notify")]
    public void TryNotify_WithNobodyThere_DoesNothing(string? name)
    {
        Environment.SetEnvironmentVariable(ServiceManager.Variable, name);
        try
        {
            Assert.False(ServiceManager.TryNotify("READY=1"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(ServiceManager.Variable, null);
        }
    }
}
