// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class TcpListenerTests
{
    [Fact]
    public void TryAccept_WithoutAFreeDescriptor_TurnsTheCallerAwayInsteadOfStayingReadable()
    {
        using ChildProcess starved = ChildProcess.Start("starved-port");

        Assert.Equal("Shed False", starved.ReadLine());
    }
}
