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
    public async Task Question_WhileTheServerAsksWithoutEnd_EndsAtTheTimeLimit()
    {
        (UnixStream near, UnixStream far) = UnixStream.CreatePair();
        using (far)
        {
            var memory = new AskingMemory(far);
            using var channel = new ClientChannel(near, 200, memory);
            memory.TryRead(0, default);

            Task<Errno> asking = Task.Run(() => channel.Ask(VfioUserCommand.DeviceReset, default, default, default, default, out _), TestContext.Current.CancellationToken);
            bool ended = await Task.WhenAny(asking, Task.Delay(LimitMs, TestContext.Current.CancellationToken)) == asking;
            memory.IsOver = true;

            Assert.True(ended, "the question ends");
            Assert.Equal(Errno.ETIMEDOUT, await asking);
            Assert.True(channel.IsGone);
        }
    }

    [Theory]
    [InlineData(0L, 0L, 0x4000L, true)]
    [InlineData(1L, 0L, 0x4000L, false)]
    [InlineData(0x8000L, 0L, 0x4000L, true)]
    [InlineData(0xF000L, 0L, 0x4000L, false)]
    [InlineData(0x10000L, 0L, 0x1000L, false)]
    [InlineData(0x4000_0000_0000_0000L, 0L, 0x7FFF_FFFF_FFFF_F000L, false)]
    [InlineData(0L, 0x7FFF_FFFF_FFFF_F000L, 0x1000L, false)]
    public async Task Region_WhoseAreasAreNotWhereItSays_IsReachedByMessage(long start, long offset, long length, bool isMappable)
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
        await serving.WaitAsync(TimeSpan.FromMilliseconds(LimitMs), TestContext.Current.CancellationToken);
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

    // Each access to it is followed by the next one: DMA_READ, and no answer wanted.
    private sealed class AskingMemory(UnixStream server) : IClientMemory
    {
        public volatile bool IsOver;

        public bool TryRead(ulong address, Span<byte> data)
        {
            if (!IsOver) server.TrySend(Message(1, 11, Bytes(0L, 4L), flags: 0x10), [], out _);
            return false;
        }

        public bool TryWrite(ulong address, ReadOnlySpan<byte> data) => false;
    }
}
