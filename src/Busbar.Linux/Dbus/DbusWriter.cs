// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text;

namespace Busbar.Linux;

/// <summary>Writes the arguments of a message. A mistake in the order or kind of calls is one of the program's and throws.</summary>
public sealed unsafe class DbusWriter
{
    private readonly SdBusMessageHandle _message;

    internal DbusWriter(SdBusMessageHandle message) => _message = message;

    /// <summary>Bytes written so far, without padding; what bounds the outgoing queue goes by it.</summary>
    internal long Size { get; private set; }

    /// <summary>Writes a y.</summary>
    /// <param name="value">The value.</param>
    public void WriteByte(byte value) => Basic('y', &value, sizeof(byte));

    /// <summary>Writes a b.</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value)
    {
        int wide = value ? 1 : 0;
        Basic('b', &wide, sizeof(int));
    }

    /// <summary>Writes an n.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt16(short value) => Basic('n', &value, sizeof(short));

    /// <summary>Writes a q.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt16(ushort value) => Basic('q', &value, sizeof(ushort));

    /// <summary>Writes an i.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt32(int value) => Basic('i', &value, sizeof(int));

    /// <summary>Writes a u.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt32(uint value) => Basic('u', &value, sizeof(uint));

    /// <summary>Writes an x.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt64(long value) => Basic('x', &value, sizeof(long));

    /// <summary>Writes a t.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt64(ulong value) => Basic('t', &value, sizeof(ulong));

    /// <summary>Writes a d.</summary>
    /// <param name="value">The value.</param>
    public void WriteDouble(double value) => Basic('d', &value, sizeof(double));

    /// <summary>Writes an s.</summary>
    /// <param name="value">The value; it ends at a zero character, as D-Bus knows none.</param>
    public void WriteString(string value) => Text('s', value);

    /// <summary>Writes an o.</summary>
    /// <param name="value">A valid object path.</param>
    public void WriteObjectPath(string value) => Text('o', value);

    /// <summary>Writes a g.</summary>
    /// <param name="value">A valid signature.</param>
    public void WriteSignature(string value) => Text('g', value);

    /// <summary>Writes an ay.</summary>
    /// <param name="value">The bytes.</param>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        // SAFETY: the span is pinned for the call, which copies it.
        fixed (byte* bytes = value) Check(NativeSdBus.AppendArray(_message, (byte)'y', bytes, (nuint)value.Length), "ay");
        Size += value.Length + sizeof(uint);
    }

    /// <summary>Begins an array.</summary>
    /// <param name="contents">Signature of one element.</param>
    public void OpenArray(string contents) => Open('a', contents);

    /// <summary>Begins a structure.</summary>
    /// <param name="contents">Its signature without the brackets.</param>
    public void OpenStruct(string contents) => Open('r', contents);

    /// <summary>Begins an entry of a dictionary.</summary>
    /// <param name="contents">Key and value.</param>
    public void OpenEntry(string contents) => Open('e', contents);

    /// <summary>Begins a variant.</summary>
    /// <param name="contents">Signature of what it holds.</param>
    public void OpenVariant(string contents) => Open('v', contents);

    /// <summary>Ends what was begun last.</summary>
    public void Close() => Check(NativeSdBus.CloseContainer(_message), "the end of a container");

    private static void Check(int result, string what)
    {
        if (result < 0) throw new InvalidOperationException($"A D-Bus message cannot take {what} here ({(Errno)(-result)}).");
    }

    private void Basic(char type, void* value, int size)
    {
        // SAFETY: the callers' variables have the size that the type asks for, and the value is copied.
        Check(NativeSdBus.AppendBasic(_message, (byte)type, value), type.ToString());
        Size += size;
    }

    private void Text(char type, string value)
    {
        int most = Encoding.UTF8.GetMaxByteCount(value.Length) + 1;
        byte[]? rented = null;
        Span<byte> buffer = most <= 512 ? stackalloc byte[512] : (rented = ArrayPool<byte>.Shared.Rent(most));
        int length = Encoding.UTF8.GetBytes(value, buffer);
        buffer[length] = 0;

        // SAFETY: for strings the pointer itself is the argument; the buffer is pinned, ends with a zero byte, and is copied.
        fixed (byte* bytes = buffer) Check(NativeSdBus.AppendBasic(_message, (byte)type, bytes), $"'{type}'");
        Size += length + sizeof(uint) + 1;
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private void Open(char type, string contents)
    {
        Check(NativeSdBus.OpenContainer(_message, (byte)type, contents), type.ToString());
        Size += sizeof(uint) + contents.Length;
    }
}
