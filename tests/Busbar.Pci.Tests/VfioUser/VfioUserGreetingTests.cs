// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Xunit;
using static Busbar.Pci.Tests.VfioUserRaw;

namespace Busbar.Pci.Tests;

/// <summary>The one place for a client: whoever takes it has to say at once what it speaks, and keeps it then.</summary>
public sealed class VfioUserGreetingTests : IDisposable
{
    private const int Limit = 3000;
    private const int EINVAL = 22;

    private readonly ManualClock _clock = new();
    private readonly VfioUserServed _served;
    private readonly ConcurrentQueue<VfioUserDisconnect> _ends = new();

    public VfioUserGreetingTests()
    {
        _served = new VfioUserServed(options => options with { GreetingLimitMs = Limit, Clock = _clock });
        _served.Server.ClientDisconnected += _ends.Enqueue;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Client_ThatAgreesOnNothing_LosesItsPlaceToTheNext(int kind)
    {
        using VfioUserRaw squatter = _served.Connect();
        VfioUserServed.Until(() => _served.Server.IsConnected, "the place is taken");
        if (kind == 1) squatter.Send(Message(1, 1, Version())[..20]);
        if (kind == 2) Assert.Equal(EINVAL, squatter.Ask(4, Bytes(16u, 0u, 0u, 0u)).Error);

        Pass(Limit - 1);
        Assert.True(_served.Server.IsConnected);
        using (VfioUserRaw tooEarly = _served.Connect()) Assert.True(tooEarly.HangsUp());
        Pass(1);

        Assert.True(squatter.HangsUp());
        Assert.Equal(1, _served.Server.Statistics.Silent);
        VfioUserServed.Until(() => !_ends.IsEmpty, "the place is free");
        Assert.Equal([VfioUserDisconnect.Silent], _ends);
        using VfioUserRaw next = _served.Negotiated();
        Assert.Equal(VfioUserTestFunction.Identity, next.Read32(0, 0));
    }

    [Fact]
    public void Client_ThatAgreed_MayBeSilentForEver()
    {
        using VfioUserRaw client = _served.Negotiated();

        Pass(1000 * Limit);

        Assert.Equal(VfioUserTestFunction.Identity, client.Read32(0, 0));
        Assert.Equal(0, _served.Server.Statistics.Silent);
    }

    [Fact]
    public void Client_ThatNobodyHadTimeFor_IsHeardBeforeItIsJudged()
    {
        using var release = new ManualResetEventSlim();
        _served.Server.ClientConnected += () => release.Wait(TimeSpan.FromSeconds(10));
        using VfioUserRaw client = _served.Connect();
        client.Send(Message(7, 1, Version()));

        // Its greeting is in the socket when the limit has passed.
        VfioUserServed.Until(() => _served.Server.Statistics.Connected == 1, "the client is in");
        _clock.Advance(10 * Limit);
        release.Set();

        Assert.Equal(0, client.Answer(7, 1).Error);
        Assert.Equal(VfioUserTestFunction.Identity, client.Read32(0, 0));
        Assert.Equal(0, _served.Server.Statistics.Silent);
    }

    public void Dispose() => _served.Dispose();

    // The loop sleeps by the real clock; this one is only looked at when it wakes.
    private void Pass(int milliseconds)
    {
        _clock.Advance(milliseconds);
        _served.Server.Wake();
    }
}
