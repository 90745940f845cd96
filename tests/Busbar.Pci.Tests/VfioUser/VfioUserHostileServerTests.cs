// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Busbar.Memory;
using Xunit;
using static Busbar.Pci.Tests.VfioUserRaw;

namespace Busbar.Pci.Tests;

/// <summary>Servers that lie to our client, or never let it go.</summary>
[Collection(nameof(DescriptorCounting))]
public sealed class VfioUserHostileServerTests : IDisposable
{
    private const int LimitMs = 20_000;

    private readonly TemporaryFolder _folder = new();
    private readonly UnixListener _listener;
    private readonly MappedMemory _memory = MappedMemory.CreateSealed("bar", 1 << 16);

    public VfioUserHostileServerTests() => _listener = UnixListener.Bind(_folder.File("h"));

    [Fact]
    public void Question_WhileTheServerAsksWithoutEnd_EndsAtTheTimeLimit()
    {
        using var over = new CancellationTokenSource();
        Task serving = Serve((stream, command, payload) =>
        {
            if (command != 9) return Answer(command, payload);

            // DMA_READ of nowhere, and no answer wanted: there is always another one.
            byte[] question = Message(1, 11, Bytes(0L, 4L), flags: 0x10);
            while (!over.IsCancellationRequested)
            {
                SendResult result = stream.TrySend(question, [], out _);
                if (result == SendResult.Closed) break;
                if (result == SendResult.WouldBlock) stream.Wait(PollEvents.Writable, 100);
            }

            return null;
        });
        using VfioUserClient client = VfioUserClient.Connect(_listener.Path, 300);

        Task<uint> reading = Task.Run(() => client.Config.Read32(0), TestContext.Current.CancellationToken);
        bool ended = reading.Wait(LimitMs, TestContext.Current.CancellationToken);
        over.Cancel();

        Assert.True(ended, "the question ends");
        Assert.Equal(uint.MaxValue, reading.Result);
        Assert.True(client.IsGone);
        client.Dispose();
        Assert.True(serving.Wait(LimitMs, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(0L, 0L, 0x4000L, true)]
    [InlineData(1L, 0L, 0x4000L, false)]
    [InlineData(0x8000L, 0L, 0x4000L, true)]
    [InlineData(0xF000L, 0L, 0x4000L, false)]
    [InlineData(0x10000L, 0L, 0x1000L, false)]
    [InlineData(0x4000_0000_0000_0000L, 0L, 0x7FFF_FFFF_FFFF_F000L, false)]
    [InlineData(0L, 0x7FFF_FFFF_FFFF_F000L, 0x1000L, false)]
    public void Region_WhoseAreasAreNotWhereItSays_IsReachedByMessage(long start, long offset, long length, bool isMappable)
    {
        Task serving = Serve((_, command, payload) =>
        {
            if (command != 5 || payload[8] != 2) return Answer(command, payload);
            bool isWhole = BinaryPrimitives.ReadInt32LittleEndian(payload) >= 64;
            long size = Math.Max(0x4000, length);
            return isWhole
                ? (Bytes(64, 0xFu, 2, 32, size, start, (ushort)1, (ushort)1, 0, 1, 0, offset, length), [_memory.Descriptor])
                : (Bytes(64, 7u, 2, 0, size, start), []);
        });
        using VfioUserClient client = VfioUserClient.Connect(_listener.Path, LimitMs);

        using SharedRegion region = client.MapBar(2, RegionAccess.Ram, 0, 0x1000);

        Assert.Equal(isMappable ? RegionAccess.Ram : RegionAccess.Mmio, region.Access);
        client.Dispose();
        Assert.True(serving.Wait(LimitMs, TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _memory.Dispose();
        _folder.Dispose();
    }

    // What a decent server with a small function says.
    private static (byte[] Payload, FileDescriptor[] Descriptors)? Answer(int command, byte[] payload) => command switch
    {
        1 => ([0, 0, 0, 0], []),
        4 => (Bytes(16, 3u, 9, 5), []),
        5 => (Bytes(32, 3u, (int)payload[8], 0, payload[8] == 7 ? 256L : 4096L, 0L), []),
        7 => (Bytes(16, 1u, (int)payload[8], 1), []),
        9 => ([.. payload, .. new byte[BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(12))]], []),
        10 => (payload[..16], []),
        _ => ([], []),
    };

    private Task Serve(Func<UnixStream, int, byte[], (byte[] Payload, FileDescriptor[] Descriptors)?> answer) => Task.Run(() =>
    {
        UnixStream? accepted;
        while (_listener.TryAcceptStream(out accepted) != AcceptResult.Accepted) Thread.Yield();
        using UnixStream stream = accepted!;
        byte[] buffer = new byte[4096];
        int have = 0;
        var received = new List<FileDescriptor>();
        while (true)
        {
            ReceiveResult result = stream.TryReceive(buffer.AsSpan(have), received, out int count);
            if (result == ReceiveResult.Closed) break;
            if (result == ReceiveResult.WouldBlock) stream.Wait(PollEvents.Readable, 100);
            have += count;
            while (have >= 16 && BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(4)) is var size && have >= size)
            {
                int command = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(2));
                if (answer(stream, command, buffer[16..size]) is { } said)
                {
                    stream.TrySend(Message(BinaryPrimitives.ReadUInt16LittleEndian(buffer), (ushort)command, said.Payload, flags: 1), said.Descriptors, out _);
                }

                buffer.AsSpan(size, have - size).CopyTo(buffer);
                have -= size;
            }
        }

        received.ForEach(static descriptor => descriptor.Dispose());
    });
}
