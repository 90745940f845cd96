// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>A server that ends a session while its client asks one question after the other: no question may remain without its answer.</summary>
public sealed class VfioUserHangUpTests
{
    private const int Lives = 100;
    private const int LimitMs = 20_000;

    [Fact]
    public async Task HangUp_WhileTheClientAsks_ComesBetweenTwoMessages()
    {
        using var served = new VfioUserServed();
        for (int life = 0; life < Lives; life++)
        {
            using VfioUserRaw client = served.Negotiated();
            using var asked = new ManualResetEventSlim();
            Task<string> asking = Task.Run(() => AskUntilTheEnd(client, asked), TestContext.Current.CancellationToken);
            Assert.True(asked.Wait(LimitMs, TestContext.Current.CancellationToken));
            bool sawTheEnd = false;
            using var done = new ManualResetEventSlim();
            served.Server.HangUp(() =>
            {
                // The connection is still there, but takes no more questions.
                sawTheEnd = served.Server.IsConnected && ((IAsyncResult)asking).AsyncWaitHandle.WaitOne(LimitMs);
                done.Set();
            });
            Assert.True(done.Wait(2 * LimitMs, TestContext.Current.CancellationToken));
            Assert.True(sawTheEnd);
            Assert.Equal("The server is gone.", await asking);
            VfioUserServed.Until(() => !served.Server.IsConnected, "the session ends");
        }
    }

    [Fact]
    public async Task Dispose_WhileTheClientAsks_ComesBetweenTwoMessages()
    {
        for (int life = 0; life < Lives; life++)
        {
            using var served = new VfioUserServed();
            using VfioUserRaw client = served.Negotiated();
            using var asked = new ManualResetEventSlim();
            Task<string> asking = Task.Run(() => AskUntilTheEnd(client, asked), TestContext.Current.CancellationToken);
            Assert.True(asked.Wait(LimitMs, TestContext.Current.CancellationToken));
            served.Server.Dispose();
            Assert.Equal("The server is gone.", await asking);
        }
    }

    [Fact]
    public void HangUp_WithoutAClient_StillCallsBack()
    {
        using var served = new VfioUserServed();
        using var done = new ManualResetEventSlim();
        served.Server.HangUp(done.Set);
        VfioUserServed.Until(() => done.IsSet, "the call comes");
        using VfioUserRaw client = served.Negotiated();
        Assert.True(served.Server.IsConnected);
    }

    private static string AskUntilTheEnd(VfioUserRaw client, ManualResetEventSlim asked)
    {
        try
        {
            while (true)
            {
                client.Read(0, 0, 4);
                asked.Set();
            }
        }
        catch (IOException end)
        {
            return end.Message;
        }
    }
}
