// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;
using Busbar.Memory;

namespace Busbar.Bindings.Tests;

public sealed class AstlpcLinkTests : IDisposable
{
    private const int WindowSize = 64 * 1024;

    private readonly SharedRegion _window = SharedRegion.Allocate(WindowSize);

    public void Dispose() => _window.Dispose();

    [Theory]
    [InlineData(1, 1, 68)]
    [InlineData(1, 2, 1028)]
    [InlineData(2, 3, 1028)]
    [InlineData(3, 3, 1028)]
    public void Channel_OfEachVersion_CarriesMessages(int lowest, int highest, int mtu)
    {
        (AstlpcLink host, AstlpcLink bmc, LinkedStacks stacks) = Open(
            new AstlpcLinkOptions { Role = AstlpcRole.Host, Mtu = 1028, LowestVersion = (ushort)lowest, HighestVersion = (ushort)highest },
            new AstlpcLinkOptions { Role = AstlpcRole.Bmc });

        Assert.Equal(highest, host.Channel.Version);
        Assert.True(host.Mtu >= mtu && bmc.Mtu >= mtu, $"{host.Mtu}, {bmc.Mtu}");
        if (highest == 1) Assert.Equal((68, 68), (host.Mtu, bmc.Mtu));
        foreach (int size in new[] { 0, 63, 64, 1_024, 9_000, 60_000 })
        {
            byte[] body = new byte[size];
            new Random(size).NextBytes(body);
            Assert.Equal(body, stacks.Ask(body, turns: 5_000));
        }

        Assert.Equal(0, host.Channel.Faults + bmc.Channel.Faults);
        Assert.Equal(0, host.Statistics.Drops.Total + bmc.Statistics.Drops.Total);
    }

    [Fact]
    public void ControlArea_OfAController_HasTheDocumentedBytes()
    {
        var bmc = new AstlpcLink("bmc", new AstlpcLinkOptions { Role = AstlpcRole.Bmc, Mtu = 68 });
        bmc.Open(_window, 1);

        byte[] area = new byte[AstlpcControlArea.Size];
        _window.CopyTo(0, area);
        Assert.Equal(Sample.Bytes("4d 43 54 50 00 01 00 03 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 50 00 00 01 50 00 00 00 50"), area);
        Assert.Equal(0x80u, _window.Read32(0x40));
    }

    [Fact]
    public void VersionsWithoutACommonOne_AreRefusedByBoth()
    {
        var host = new AstlpcLink("host", new AstlpcLinkOptions { Role = AstlpcRole.Host, LowestVersion = 3 });
        var bmc = new AstlpcLink("bmc", new AstlpcLinkOptions { Role = AstlpcRole.Bmc, HighestVersion = 2 });
        var stacks = new LinkedStacks(host, bmc);
        bmc.Open(_window, stacks.Now);
        host.Open(_window, stacks.Now);
        for (int i = 0; i < 10; i++) stacks.Turn();

        Assert.False(host.IsUp || bmc.IsUp);
        Assert.Equal(1, host.Channel[AstlpcFault.NoCommonVersion]);
    }

    [Fact]
    public void Host_BeforeItsController_WaitsAndComesUp()
    {
        var host = new AstlpcLink("host", new AstlpcLinkOptions { Role = AstlpcRole.Host });
        var bmc = new AstlpcLink("bmc", new AstlpcLinkOptions { Role = AstlpcRole.Bmc });
        var stacks = new LinkedStacks(host, bmc);
        host.Open(_window, stacks.Now);
        for (int i = 0; i < 100; i++) stacks.Turn(100);
        Assert.False(host.IsUp);

        bmc.Open(_window, stacks.Now);
        for (int i = 0; i < 10; i++) stacks.Turn();
        Assert.True(host.IsUp && bmc.IsUp);
        Assert.Equal([1, 2, 3], stacks.Ask([1, 2, 3]));
    }

    [Fact]
    public void Restart_OfEitherEnd_OpensTheChannelAgain()
    {
        (AstlpcLink host, AstlpcLink bmc, LinkedStacks stacks) = Open();
        for (int round = 0; round < 3; round++)
        {
            bmc.Open(_window, stacks.Now);
            for (int i = 0; i < 10; i++) stacks.Turn();
            Assert.Equal([1, 2], stacks.Ask([1, 2]));

            host.Open(_window, stacks.Now);
            for (int i = 0; i < 10; i++) stacks.Turn();
            Assert.Equal([3, 4], stacks.Ask([3, 4]));
        }

        Assert.Equal(0, bmc.Channel.Faults);
    }

    [Fact]
    public void Controller_ThatLeaves_TakesTheHostDown()
    {
        (AstlpcLink host, AstlpcLink bmc, LinkedStacks stacks) = Open();
        bmc.Close(stacks.Now);
        stacks.Turn();
        Assert.False(host.IsUp);
        Assert.Equal(SendRoom.Down, host.Room(1, 68));
    }

    [Fact]
    public void Packet_ThatIsNeverTaken_EndsTheChannel()
    {
        (AstlpcLink host, AstlpcLink bmc, LinkedStacks stacks) = Open();
        bmc.GiveUp(stacks.Now);
        Assert.Null(stacks.Ask([1], turns: 5));
        stacks.Turn(3_000);
        Assert.Equal(1, host.Channel[AstlpcFault.TransmitTimeout]);
        Assert.False(host.IsUp);
    }

    [Theory]
    [InlineData(16, 0x00000000u, AstlpcFault.AreaInControl)]
    [InlineData(16, 0x00000020u, AstlpcFault.AreaInControl)]
    [InlineData(16, 0x00000102u, AstlpcFault.AreaMisaligned)]
    [InlineData(16, 0xFFFFFFF0u, AstlpcFault.AreaOutside)]
    [InlineData(20, 0xFFFFFFFCu, AstlpcFault.AreaOutside)]
    [InlineData(20, 0x00000040u, AstlpcFault.AreaTooSmall)]
    [InlineData(24, 0x00000100u, AstlpcFault.AreasOverlap)]
    [InlineData(28, 0x00010000u, AstlpcFault.AreaOutside)]
    public void Layout_OfALyingController_IsRefusedByName(int offset, uint value, AstlpcFault fault)
    {
        var host = new AstlpcLink("host", new AstlpcLinkOptions { Role = AstlpcRole.Host });
        var stack = new MctpStack();
        stack.AddLink(host);
        var liar = new AstlpcControlArea(AstlpcControlArea.ExpectedMagic, 1, 3, 0, 0, 3, new AstlpcLayout(0x100, 0x1010, 0x1110, 0x1010));
        liar.Write(_window);
        _window.Write32(0x40, 0x80);
        host.Open(_window, 1);
        stack.Poll(2, 10);
        Write(offset, value);

        // Takes the question, opens the channel and rings.
        Answer(0xC0, 0xFF);
        stack.Poll(3, 10);

        Assert.False(host.IsUp);
        Assert.Equal(1, host.Channel[fault]);
        Assert.Equal(1, host.Channel.Faults);
    }

    [Theory]
    [InlineData(0u, AstlpcFault.BadLength)]
    [InlineData(3u, AstlpcFault.BadLength)]
    [InlineData(0xFFFFFFFFu, AstlpcFault.BadLength)]
    [InlineData(0x7FFFFFFFu, AstlpcFault.BadLength)]
    [InlineData(5000u, AstlpcFault.BadLength)]
    [InlineData(7u, AstlpcFault.BadCheck)]
    public void Packet_ThatMakesNoSense_IsCountedTakenAndForgotten(uint length, AstlpcFault fault)
    {
        (AstlpcLink host, AstlpcLink bmc, LinkedStacks stacks) = Open();
        int area = (int)AstlpcControlArea.Read(_window).Layout.TxOffset;
        Write(area, length);
        uint count = _window.Read32(0x4C) >> 8;
        _window.Write32(0x4C, ((count + 1) << 8) | 1);
        stacks.Echo.Poll(stacks.Now, 10);

        Assert.Equal(1, bmc.Channel[fault]);
        Assert.Equal(1, bmc.Statistics.Drops.Total);
        Assert.Equal(2u, _window.Read32(0x44) & 0xFF);
        Assert.True(bmc.IsUp && host.IsUp);
    }

    [Theory]
    [InlineData(0x02, AstlpcFault.UnexpectedCompletion)]
    [InlineData(0x77, AstlpcFault.UnknownSignal)]
    [InlineData(0xFF, AstlpcFault.UnknownSignal)]
    public void Signal_OutOfPlace_IsCounted(byte signal, AstlpcFault fault)
    {
        (_, AstlpcLink bmc, LinkedStacks stacks) = Open();
        uint count = _window.Read32(0x4C) >> 8;
        _window.Write32(0x4C, ((count + 1) << 8) | signal);
        stacks.Echo.Poll(stacks.Now, 10);
        Assert.Equal(1, bmc.Channel[fault]);
    }

    [Fact]
    public void Window_ThatIsTooSmall_IsRefused()
    {
        using SharedRegion tiny = SharedRegion.Allocate(256);
        Assert.Throws<ArgumentException>(() => new AstlpcLink("bmc", new AstlpcLinkOptions { Role = AstlpcRole.Bmc }).Open(tiny, 1));
    }

    [Fact]
    public void Window_FullOfNoise_NeverThrowsAndIsNeverLeft()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var link = new AstlpcLink("x", new AstlpcLinkOptions { Role = random.Next(2) == 0 ? AstlpcRole.Bmc : AstlpcRole.Host });
            var stack = new MctpStack();
            stack.AddLink(link);
            stack.AddAddress(link, new Eid(8));
            link.Open(_window, 1);
            for (int now = 2; now < 60; now++)
            {
                for (int i = 0; i < 4; i++)
                {
                    int[] places = [0x40, 0x44, 0x48, 0x4C, 0x50, 4 * random.Next(0, 8), 4 * random.Next(0, 64), 0x100];
                    int place = places[random.Next(places.Length)];
                    uint[] values = [(uint)random.Next(), 0, 1, uint.MaxValue, 0xC0, _window.Read32(place) + 0x100, _window.Read32(place) + 0x101];
                    _window.Write32(place, values[random.Next(values.Length)]);
                }

                stack.Poll(now * 7, 10);
            }
        }
    }

    private (AstlpcLink Host, AstlpcLink Bmc, LinkedStacks Stacks) Open(AstlpcLinkOptions? hostOptions = null, AstlpcLinkOptions? bmcOptions = null)
    {
        var host = new AstlpcLink("host", hostOptions ?? new AstlpcLinkOptions { Role = AstlpcRole.Host });
        var bmc = new AstlpcLink("bmc", bmcOptions ?? new AstlpcLinkOptions { Role = AstlpcRole.Bmc });
        var stacks = new LinkedStacks(host, bmc);
        bmc.Open(_window, stacks.Now);
        host.Open(_window, stacks.Now);
        for (int i = 0; i < 10; i++) stacks.Turn();
        Assert.True(host.IsUp && bmc.IsUp, $"version {bmc.Channel.Version}, faults {host.Channel.Faults} and {bmc.Channel.Faults}");
        return (host, bmc, stacks);
    }

    private void Write(int offset, uint value) => _window.Write32(offset, BinaryPrimitives.ReverseEndianness(value));

    // As a controller would: takes the host's byte, sets the status, rings.
    private void Answer(uint status, byte signal)
    {
        _window.Write32(0x50, _window.Read32(0x4C) >> 8);
        _window.Write32(0x40, status);
        uint taken = _window.Read32(0x48);
        _window.Write32(0x44, ((taken + 1) << 8) | signal);
    }
}
