// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Busbar.Linux;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>A vfio-user client of bytes: every message is put together here, by the book, with nothing of the product's own encoder.</summary>
internal sealed class VfioUserRaw : IDisposable
{
    public const string QemuCapabilities =
        "{\"capabilities\":{\"migration\":{\"max_bitmap_size\":268435456,\"pgsize\":4096},\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,"
        + "\"max_dma_maps\":65535,\"pgsizes\":4096,\"write_multiple\":true}}\0";

    private const int LimitMs = 10_000;

    private readonly UnixStream _stream;
    private readonly List<FileDescriptor> _descriptors = [];
    private ushort _id;

    public VfioUserRaw(string path) => _stream = UnixStream.Connect(path, LimitMs);

    /// <summary>What came along with answers, in order.</summary>
    public IReadOnlyList<FileDescriptor> Descriptors => _descriptors;

    public bool IsDisposed { get; private set; }

    public static byte[] Bytes(params object[] fields)
    {
        var bytes = new List<byte>();
        foreach (object field in fields)
        {
            switch (field)
            {
                case ushort value: bytes.AddRange(BitConverter.GetBytes(value)); break;
                case int value: bytes.AddRange(BitConverter.GetBytes(value)); break;
                case uint value: bytes.AddRange(BitConverter.GetBytes(value)); break;
                case long value: bytes.AddRange(BitConverter.GetBytes(value)); break;
                case ulong value: bytes.AddRange(BitConverter.GetBytes(value)); break;
                case byte[] value: bytes.AddRange(value); break;
                case string value: bytes.AddRange(Encoding.UTF8.GetBytes(value)); break;
                default: throw new ArgumentException($"What is {field}?");
            }
        }

        return [.. bytes];
    }

    public static byte[] Message(ushort id, ushort command, byte[] payload, uint flags = 0, int? size = null) =>
        Bytes(id, command, size ?? 16 + payload.Length, flags, 0u, payload);

    public static byte[] Version(string capabilities = QemuCapabilities, ushort major = 0, ushort minor = 0) => Bytes(major, minor, capabilities);

    public static byte[] RegionRead(uint region, ulong offset, uint count) => Bytes(offset, region, count);

    public static byte[] RegionWrite(uint region, ulong offset, params byte[] data) => Bytes(offset, region, (uint)data.Length, data);

    public static byte[] IrqSet(uint flags, uint index, uint start, uint count, params byte[] data) =>
        Bytes(20u + (uint)data.Length, flags, index, start, count, data);

    public static byte[] DmaMap(ulong address, ulong size, uint flags = 3, ulong offset = 0) => Bytes(32u, flags, offset, address, size);

    public static byte[] DmaUnmap(ulong address, ulong size, uint flags = 0) => Bytes(24u, flags, address, size);

    public void Negotiate() => Assert.Equal(0, Ask(1, Version()).Error);

    public void Send(byte[] bytes, params FileDescriptor[] descriptors)
    {
        ReadOnlySpan<FileDescriptor> pending = descriptors;
        int done = 0;
        while (done < bytes.Length)
        {
            SendResult result = _stream.TrySend(bytes.AsSpan(done), pending, out int sent);
            if (result == SendResult.Closed) throw new IOException("The server is gone.");
            if (result == SendResult.WouldBlock)
            {
                Assert.True(_stream.Wait(PollEvents.Writable, LimitMs), "the server reads");
                continue;
            }

            done += sent;
            pending = [];
        }
    }

    /// <summary>One command and its answer.</summary>
    public (int Error, byte[] Payload) Ask(ushort command, byte[] payload, params FileDescriptor[] descriptors)
    {
        ushort id = ++_id;
        Send(Message(id, command, payload), descriptors);
        return Answer(id, command);
    }

    public (int Error, byte[] Payload) Answer(ushort id, ushort command)
    {
        byte[] header = Receive(16);
        Assert.Equal(id, BinaryPrimitives.ReadUInt16LittleEndian(header));
        Assert.Equal(command, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(2)));
        int size = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
        int error = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12));
        byte[] payload = Receive(size - 16);
        if (flags == 1)
        {
            Assert.Equal(0, error);
            return (0, payload);
        }

        Assert.Equal(0x21u, flags);
        Assert.NotEqual(0, error);
        Assert.Empty(payload);
        return (error, payload);
    }

    public byte[] Read(uint region, ulong offset, uint count)
    {
        (int error, byte[] payload) = Ask(9, RegionRead(region, offset, count));
        Assert.Equal(0, error);
        Assert.Equal(RegionRead(region, offset, count), payload[..16]);
        return payload[16..];
    }

    public uint Read32(uint region, ulong offset) => BitConverter.ToUInt32(Read(region, offset, 4));

    public void Write32(uint region, ulong offset, uint value)
    {
        (int error, byte[] payload) = Ask(10, RegionWrite(region, offset, BitConverter.GetBytes(value)));
        Assert.Equal(0, error);
        Assert.Equal(RegionRead(region, offset, 4), payload);
    }

    /// <summary>Exactly so many bytes from the server.</summary>
    public byte[] Receive(int count)
    {
        byte[] bytes = new byte[count];
        int have = 0;
        while (have < count)
        {
            ReceiveResult result = _stream.TryReceive(bytes.AsSpan(have), _descriptors, out int came);
            if (result == ReceiveResult.Closed) throw new IOException("The server hung up.");
            if (result == ReceiveResult.WouldBlock) Assert.True(_stream.Wait(PollEvents.Readable, LimitMs), "the server answers");
            have += came;
        }

        return bytes;
    }

    /// <summary>True when the server closes without a further word.</summary>
    public bool HangsUp()
    {
        byte[] one = new byte[1];
        while (true)
        {
            ReceiveResult result = _stream.TryReceive(one, _descriptors, out _);
            if (result != ReceiveResult.WouldBlock) return result == ReceiveResult.Closed;
            if (!_stream.Wait(PollEvents.Readable, LimitMs)) return false;
        }
    }

    public void FinishSending() => _stream.FinishSending();

    public void Dispose()
    {
        IsDisposed = true;
        _stream.Dispose();
        foreach (FileDescriptor descriptor in _descriptors) descriptor.Dispose();
    }
}
