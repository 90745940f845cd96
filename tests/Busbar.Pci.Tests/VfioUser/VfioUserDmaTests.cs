// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Xunit;
using static Busbar.Pci.Tests.VfioUserRaw;

namespace Busbar.Pci.Tests;

/// <summary>The client's memory: mapped, taken back, out of reach, and by message.</summary>
[Collection(nameof(DescriptorCounting))]
public sealed class VfioUserDmaTests : IDisposable
{
    private const int EINVAL = 22;
    private const int EEXIST = 17;
    private const int Size = 1 << 16;

    private readonly ManualClock _clock = new();
    private readonly VfioUserServed _served;
    private readonly VfioUserRaw _client;
    private readonly MappedMemory _memory = MappedMemory.CreateSealed("guest", Size);
    private readonly SharedRegion _guest;

    public VfioUserDmaTests()
    {
        _served = new VfioUserServed(options => options with { Clock = _clock, MaximumMemoryObjects = 4 });
        _client = _served.Negotiated();
        _guest = _memory.Map();
    }

    private IPciFunctionHost Host => _served.Function.Host!;

    [Fact]
    public void Register_ThatStartsDma_ReachesTheMappedMemory()
    {
        Map(0x8000_0000, Size);
        _guest.Write32(0x100, 41);
        _client.Write32(0, VfioUserTestFunction.DmaLowRegister, 0x8000_0100);

        _client.Write32(0, VfioUserTestFunction.DmaIncrementRegister, 1);

        Assert.Equal(1u, _client.Read32(0, VfioUserTestFunction.DmaStatusRegister));
        Assert.Equal(42u, _guest.Read32(0x100));
    }

    [Fact]
    public void Access_AcrossNeighbouringMaps_IsOne()
    {
        Map(0x1000, 4096, offset: 8192);
        Map(0x2000, 4096, offset: 0);
        byte[] data = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

        Assert.True(Host.TryWriteDma(0x2000 - 100, data));

        Assert.Equal(data[..100], _guest.ReadSpan(8192 + 4096 - 100, 100).ToArray());
        Assert.Equal(data[100..], _guest.ReadSpan(0, 100).ToArray());
        byte[] back = new byte[200];
        Assert.True(Host.TryReadDma(0x2000 - 100, back));
        Assert.Equal(data, back);
        Assert.Equal(2, _served.Server.DmaMaps);
        Assert.Equal(Size, _served.Server.MappedBytes);
    }

    [Theory]
    [InlineData(0x0FFF, 1)]
    [InlineData(0x0FFF, 2)]
    [InlineData(0x2000, 1)]
    [InlineData(0x1FFF, 2)]
    [InlineData(-1, 1)]
    [InlineData(-1, 2)]
    public void Access_OutsideOfMaps_MovesNothing(long address, int length)
    {
        Map(0x1000, 4096);
        byte[] data = [.. Enumerable.Repeat((byte)0xAB, length)];

        Assert.False(Host.TryWriteDma((ulong)address, data));
        Assert.False(Host.TryReadDma((ulong)address, data));

        Assert.All(data, value => Assert.Equal(0xAB, value));
        Assert.Equal(-1, _guest.ReadSpan(0, Size).IndexOfAnyExcept((byte)0));
        Assert.Equal(2, _served.Server.Statistics.DmaRefused);
    }

    [Fact]
    public void Rights_OfARange_AreKept()
    {
        Map(0x1000, 4096, flags: 1);
        Map(0x2000, 4096, flags: 2);
        byte[] one = [1];

        Assert.True(Host.TryReadDma(0x1000, one));
        Assert.False(Host.TryWriteDma(0x1000, one));
        Assert.True(Host.TryWriteDma(0x2000, one));
        Assert.False(Host.TryReadDma(0x2000, one));
    }

    [Fact]
    public void Map_UpToTheLastAddress_IsReached()
    {
        Map(ulong.MaxValue - 4095, 4096);

        Assert.True(Host.TryWriteDma(ulong.MaxValue, [7]));
        Assert.Equal(7, _guest.Read8(4095));
    }

    [Fact]
    public void Maps_ThatCannotBe_AreRefused()
    {
        FileDescriptor file = _memory.Descriptor;
        Map(0x10000, 0x2000);

        Assert.Equal(EEXIST, _client.Ask(2, DmaMap(0x10000, 0x2000), file).Error);
        Assert.Equal(EEXIST, _client.Ask(2, DmaMap(0xF000, 0x1001), file).Error);
        Assert.Equal(EEXIST, _client.Ask(2, DmaMap(0x11FFF, 1), file).Error);
        Assert.Equal(EEXIST, _client.Ask(2, DmaMap(0, 0x100000), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(0x100000, 0), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(ulong.MaxValue, 2), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(2, ulong.MaxValue), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(0x100000, 4096, flags: 0), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(0x100000, 4096, flags: 7), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(0x100000, 4096, offset: Size), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(0x100000, Size + 1), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(0x100000, 4096, offset: ulong.MaxValue - 100), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(0x100000, 4096, offset: long.MaxValue), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, DmaMap(0x100000, 4096), file, file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, Bytes(31u, 3u, 0L, 0L, 4096L), file).Error);
        Assert.Equal(EINVAL, _client.Ask(2, Bytes(32u, 3u, 0L, 0L), file).Error);
        Assert.Equal(1, _served.Server.DmaMaps);
    }

    [Fact]
    public void Unmap_OfAPartARangeOrEverything_DoesWhatItSays()
    {
        for (ulong i = 0; i < 4; i++) Map(i * 0x1000, 0x1000);

        Assert.Equal(EINVAL, _client.Ask(3, DmaUnmap(0x800, 0x1000)).Error);
        Assert.Equal(EINVAL, _client.Ask(3, DmaUnmap(0, 0x800)).Error);
        Assert.Equal(4, _served.Server.DmaMaps);
        Assert.Equal(DmaUnmap(0x1000, 0x2000), _client.Ask(3, DmaUnmap(0x1000, 0x2000)).Payload);
        Assert.Equal(2, _served.Server.DmaMaps);
        Assert.False(Host.TryReadDma(0x1000, new byte[1]));
        Assert.True(Host.TryReadDma(0x3000, new byte[1]));
        Assert.Equal(0, _client.Ask(3, DmaUnmap(0, 0, flags: 2)).Error);
        Assert.Equal(0, _served.Server.DmaMaps);
        Assert.Equal(0, _served.Server.MappedBytes);
    }

    [Fact]
    public void Unmap_OfWhatWasNeverMapped_SucceedsUpToTheEndOfTheAddresses()
    {
        Assert.Equal(0, _client.Ask(3, DmaUnmap(0xFEF0_0000, 0xFFFF_FFFF_0110_0000)).Error);
        Assert.Equal(0, _client.Ask(3, DmaUnmap(0, ulong.MaxValue)).Error);
        Assert.Equal(0, _client.Ask(3, DmaUnmap(ulong.MaxValue, 1)).Error);
        Assert.Equal(3, _served.Server.Statistics.UnmapsOfNothing);
        Assert.Equal(EINVAL, _client.Ask(3, DmaUnmap(ulong.MaxValue, 2)).Error);
        Assert.Equal(EINVAL, _client.Ask(3, DmaUnmap(0, 0)).Error);
        Assert.Equal(EINVAL, _client.Ask(3, DmaUnmap(4096, 0, flags: 2)).Error);
        Assert.Equal(EINVAL, _client.Ask(3, DmaUnmap(0, 4096, flags: 4)).Error);
        Assert.Equal(95, _client.Ask(3, DmaUnmap(0, 4096, flags: 1)).Error);
        Assert.Equal(EINVAL, _client.Ask(3, Bytes(24u, 0u, 0L)).Error);
    }

    [Fact]
    public void ManyMaps_OfOneObject_TakeOneMappingAndNoDescriptor()
    {
        int before = Directory.GetFiles("/proc/self/fd").Length;
        for (ulong i = 0; i < 3000; i++) Map(i * 0x10000, 0x1000, offset: i % 16 * 4096);

        Assert.Equal(3000, _served.Server.DmaMaps);
        Assert.Equal(Size, _served.Server.MappedBytes);
        VfioUserServed.Until(() => Directory.GetFiles("/proc/self/fd").Length <= before, "the descriptors are closed");
        Assert.Equal(0, _client.Ask(3, DmaUnmap(0, ulong.MaxValue)).Error);
        Assert.Equal(0, _served.Server.DmaMaps);
    }

    [Fact]
    public void MapsAndObjects_BeyondTheirLimits_AreRefused()
    {
        using var served = new VfioUserServed(options => options with { MaximumDmaMaps = 3, MaximumMemoryObjects = 1, MaximumMappedBytes = Size });
        using VfioUserRaw client = served.Negotiated();
        using MappedMemory other = MappedMemory.CreateSealed("other", Size);

        Assert.Equal(0, client.Ask(2, DmaMap(0, 4096), _memory.Descriptor).Error);
        Assert.Equal(EINVAL, client.Ask(2, DmaMap(0x1000, 4096), other.Descriptor).Error);
        Assert.Equal(0, client.Ask(2, DmaMap(0x1000, 4096)).Error);
        Assert.Equal(0, client.Ask(2, DmaMap(0x2000, 4096), _memory.Descriptor).Error);
        Assert.Equal(EINVAL, client.Ask(2, DmaMap(0x3000, 4096)).Error);
        Assert.Equal(1, served.Server.Statistics.Refused(VfioUserRefusal.TooManyMaps));
        Assert.Equal(1, served.Server.Statistics.Refused(VfioUserRefusal.TooMuchMemory));
    }

    [Fact]
    public void Memory_ThatCouldShrink_IsTakenButNeverTouched()
    {
        string path = Path.Combine("/dev/shm", "bb-" + Guid.NewGuid().ToString("N"));
        using MappedMemory plain = MappedMemory.OpenOrCreate(path, Size, out _);
        try
        {
            Assert.Equal(0, _client.Ask(2, DmaMap(0, Size), plain.Descriptor).Error);
            Assert.Equal(1, _served.Server.Statistics.MapsOfUnsafeMemory);
            plain.Resize(4096);
            Assert.False(Host.TryReadDma(0x8000, new byte[4]));
        }
        finally
        {
            plain.TryRemove(path);
        }
    }

    [Fact]
    public void Object_GivenForReadingFirst_IsWrittenWhereItWasGivenForWritingToo()
    {
        using var reading = File.OpenHandle($"/proc/self/fd/{_memory.Descriptor.Number}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var borrowed = new FileDescriptor((int)reading.DangerousGetHandle());
        reading.SetHandleAsInvalid();

        Assert.Equal(0, _client.Ask(2, DmaMap(0, 4096, flags: 1), borrowed).Error);
        Assert.Equal(0, _client.Ask(2, DmaMap(0x10000, 4096), _memory.Descriptor).Error);

        Assert.False(Host.TryWriteDma(0, [1, 2, 3, 4]));
        Assert.True(Host.TryWriteDma(0x10000, [1, 2, 3, 4]));
        Assert.True(Host.TryReadDma(0, new byte[4]));
    }

    [Fact]
    public void Descriptors_ThatAreNoMemory_AreTakenButNeverTouched()
    {
        using EventFd doorbell = EventFd.Create();

        Assert.Equal(0, _client.Ask(2, DmaMap(0, 4096), doorbell.Descriptor).Error);

        Assert.False(Host.TryReadDma(0, new byte[4]));
        Assert.Equal(1, _served.Server.Statistics.MapsOfUnsafeMemory);
    }

    [Fact]
    public void MessageRead_OfMemoryWithoutDescriptor_BringsWhatTheClientSays()
    {
        Assert.Equal(0, _client.Ask(2, DmaMap(0xC0000, 4096, flags: 1)).Error);
        Assert.False(Host.TryReadDma(0xC0000, new byte[4]));
        var result = new TaskCompletionSource<(Errno, byte[])>();

        Assert.True(_served.Server.TryQueueDmaRead(0xC0000, 4, (error, data) => result.SetResult((error, data.ToArray()))));

        byte[] asked = _client.Receive(32);
        Assert.Equal(Message(BitConverter.ToUInt16(asked), 11, Bytes(0xC0000L, 4L)), asked);
        _client.Send(Message(BitConverter.ToUInt16(asked), 11, Bytes(0xC0000L, 4L, 0xAABBCCDDu), flags: 1));
        (Errno error, byte[] data) = Result(result);
        Assert.Equal(Errno.None, error);
        Assert.Equal([0xDD, 0xCC, 0xBB, 0xAA], data);
    }

    [Fact]
    public void MessageWrite_Answered_Succeeds()
    {
        var result = new TaskCompletionSource<(Errno, byte[])>();

        Assert.True(_served.Server.TryQueueDmaWrite(0xC0000, [1, 2, 3], (error, data) => result.SetResult((error, data.ToArray()))));

        byte[] asked = _client.Receive(35);
        Assert.Equal(Message(BitConverter.ToUInt16(asked), 12, Bytes(0xC0000L, 3L, new byte[] { 1, 2, 3 })), asked);
        _client.Send(Message(BitConverter.ToUInt16(asked), 12, Bytes(0xC0000L, 3L), flags: 1));
        Assert.Equal(Errno.None, Result(result).Error);
        Assert.Equal(1, _served.Server.Statistics.MessageDma);
    }

    [Theory]
    [InlineData("error", Errno.ENODEV)]
    [InlineData("short", Errno.EPROTO)]
    [InlineData("elsewhere", Errno.EPROTO)]
    [InlineData("bare", Errno.EPROTO)]
    [InlineData("hang up", Errno.ECONNRESET)]
    public void MessageRead_BadlyAnswered_Fails(string how, Errno expected)
    {
        var result = new TaskCompletionSource<(Errno, byte[])>();
        Assert.True(_served.Server.TryQueueDmaRead(0x1000, 4, (error, data) => result.SetResult((error, data.ToArray()))));
        ushort id = BitConverter.ToUInt16(_client.Receive(32));

        switch (how)
        {
            case "error": _client.Send(Bytes(id, (ushort)11, 16, 0x21, 19)); break;
            case "short": _client.Send(Message(id, 11, Bytes(0x1000L, 4L, (ushort)1), flags: 1)); break;
            case "elsewhere": _client.Send(Message(id, 11, Bytes(0x2000L, 4L, 1), flags: 1)); break;
            case "bare": _client.Send(Message(id, 11, [], flags: 1)); break;
            default: _client.Dispose(); break;
        }

        Assert.Equal(expected, Result(result).Error);
    }

    [Fact]
    public void MessageRead_WhileTheClientAsksItself_DelaysNothing()
    {
        var result = new TaskCompletionSource<(Errno, byte[])>();
        Assert.True(_served.Server.TryQueueDmaRead(0x1000, 4, (error, data) => result.SetResult((error, data.ToArray()))));
        ushort id = BitConverter.ToUInt16(_client.Receive(32));

        Assert.Equal(VfioUserTestFunction.Identity, _client.Read32(0, 0));

        _client.Send(Message(id, 11, Bytes(0x1000L, 4L, 5), flags: 1));
        Assert.Equal(Errno.None, Result(result).Error);
    }

    [Fact]
    public void MessageRead_NeverAnswered_EndsAtItsLimitAndALateAnswerIsDropped()
    {
        var result = new TaskCompletionSource<(Errno, byte[])>();
        Assert.True(_served.Server.TryQueueDmaRead(0x1000, 4, (error, data) => result.SetResult((error, data.ToArray()))));
        ushort id = BitConverter.ToUInt16(_client.Receive(32));

        _clock.Advance(6000);
        _served.Server.Wake();

        Assert.Equal(Errno.ETIMEDOUT, Result(result).Error);
        _client.Send(Message(id, 11, Bytes(0x1000L, 4L, 5), flags: 1));
        Assert.Equal(VfioUserTestFunction.Identity, _client.Read32(0, 0));
        Assert.Equal(1, _served.Server.Statistics.StrayReplies);
    }

    [Fact]
    public void MessageAccess_WithoutClientTooLargeOrNothing_IsNotTaken()
    {
        Assert.False(_served.Server.TryQueueDmaRead(0, 0, static (_, _) => { }));
        Assert.False(_served.Server.TryQueueDmaRead(0, (1 << 20) + 1, static (_, _) => { }));
        _client.Dispose();
        VfioUserServed.Until(() => !_served.Server.IsConnected, "the server notices");
        VfioUserServed.Until(() => _served.Server.LargestMessageDma == 0, "the server closes");
        Assert.False(_served.Server.TryQueueDmaRead(0, 4, static (_, _) => { }));
        Assert.False(_served.Server.TryQueueDmaWrite(0, [1], static (_, _) => { }));
    }

    public void Dispose()
    {
        _client.Dispose();
        _served.Dispose();
        _guest.Dispose();
        _memory.Dispose();
    }

    private static (Errno Error, byte[] Data) Result(TaskCompletionSource<(Errno, byte[])> source)
    {
        Assert.True(source.Task.Wait(10_000), "the access ends");
        return source.Task.Result;
    }

    private void Map(ulong address, ulong size, uint flags = 3, ulong offset = 0) =>
        Assert.Equal(0, _client.Ask(2, DmaMap(address, size, flags, offset), _memory.Descriptor).Error);
}
