// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>
/// Reads the arguments of a message, one after the other. Whatever does not fit the type that is asked for, or is longer than allowed, ends in a
/// <see cref="DbusException"/> named InvalidArgs, which is the right answer to a caller. sd-bus has checked the message's form before.
/// </summary>
public sealed unsafe class DbusReader
{
    /// <summary>The longest string that is taken, in bytes; no name or text of ours comes near it.</summary>
    public const int LongestString = 4096;

    private readonly SdBusMessageHandle _message;

    internal DbusReader(SdBusMessageHandle message) => _message = message;

    /// <summary>True behind the last argument, or behind the last element of the container that was entered.</summary>
    public bool AtEnd => NativeSdBus.AtEnd(_message, complete: 0) != 0;

    /// <summary>The signature of all arguments.</summary>
    public string Signature => Text(NativeSdBus.GetSignature(_message, complete: 1)) ?? "";

    /// <summary>Reads a y.</summary>
    public byte ReadByte()
    {
        byte value;
        Basic('y', &value);
        return value;
    }

    /// <summary>Reads a b.</summary>
    public bool ReadBoolean()
    {
        int value;
        Basic('b', &value);
        return value != 0;
    }

    /// <summary>Reads an n.</summary>
    public short ReadInt16()
    {
        short value;
        Basic('n', &value);
        return value;
    }

    /// <summary>Reads a q.</summary>
    public ushort ReadUInt16()
    {
        ushort value;
        Basic('q', &value);
        return value;
    }

    /// <summary>Reads an i.</summary>
    public int ReadInt32()
    {
        int value;
        Basic('i', &value);
        return value;
    }

    /// <summary>Reads a u.</summary>
    public uint ReadUInt32()
    {
        uint value;
        Basic('u', &value);
        return value;
    }

    /// <summary>Reads an x.</summary>
    public long ReadInt64()
    {
        long value;
        Basic('x', &value);
        return value;
    }

    /// <summary>Reads a t.</summary>
    public ulong ReadUInt64()
    {
        ulong value;
        Basic('t', &value);
        return value;
    }

    /// <summary>Reads a d.</summary>
    public double ReadDouble()
    {
        double value;
        Basic('d', &value);
        return value;
    }

    /// <summary>Reads an s.</summary>
    public string ReadString() => ReadText('s');

    /// <summary>Reads an o.</summary>
    public string ReadObjectPath() => ReadText('o');

    /// <summary>Reads a g.</summary>
    public string ReadSignature() => ReadText('g');

    /// <summary>Reads an ay.</summary>
    /// <param name="most">How many bytes are allowed.</param>
    /// <param name="tooMany">What the caller is told about more.</param>
    public byte[] ReadBytes(int most, string tooMany)
    {
        if (NativeSdBus.ReadArray(_message, (byte)'y', out nint values, out nuint size) < 0) throw Mismatch("ay");
        if (size > (nuint)most) throw DbusException.InvalidArguments(tooMany);

        // SAFETY: sd-bus says where the bytes lie in the message, which this object keeps.
        return new ReadOnlySpan<byte>((void*)values, (int)size).ToArray();
    }

    /// <summary>Goes into an array; its elements follow.</summary>
    /// <param name="contents">Signature of one element.</param>
    public void EnterArray(string contents) => Enter('a', contents);

    /// <summary>Goes into a structure.</summary>
    /// <param name="contents">Its signature without the brackets.</param>
    public void EnterStruct(string contents) => Enter('r', contents);

    /// <summary>Goes into an entry of a dictionary.</summary>
    /// <param name="contents">Key and value.</param>
    public void EnterEntry(string contents) => Enter('e', contents);

    /// <summary>Goes into a variant.</summary>
    /// <param name="contents">What it must hold.</param>
    public void EnterVariant(string contents) => Enter('v', contents);

    /// <summary>Leaves the container that was entered last; its remaining elements must have been read or skipped.</summary>
    public void Exit()
    {
        if (NativeSdBus.ExitContainer(_message) < 0) throw DbusException.InvalidArguments("A value holds more than was expected.");
    }

    /// <summary>The signature of what a variant holds that comes next.</summary>
    public string PeekVariant()
    {
        if (NativeSdBus.PeekType(_message, out byte type, out nint contents) <= 0 || type != (byte)'v') throw Mismatch("v");
        return Text(contents) ?? "";
    }

    /// <summary>Passes over arguments.</summary>
    /// <param name="types">Their signature.</param>
    public void Skip(string types)
    {
        if (NativeSdBus.Skip(_message, types) < 0) throw Mismatch(types);
    }

    internal static string? Text(nint text) => Marshal.PtrToStringUTF8(text);

    private static DbusException Mismatch(string wanted) => DbusException.InvalidArguments($"An argument is not of type '{wanted}'.");

    private void Basic(char type, void* value)
    {
        // SAFETY: the callers' variables have the size that the type asks for (D-Bus booleans are ints in this interface).
        if (NativeSdBus.ReadBasic(_message, (byte)type, value) <= 0) throw Mismatch(type.ToString());
    }

    private string ReadText(char type)
    {
        nint text;
        Basic(type, &text);

        // SAFETY: sd-bus has checked that the string ends in the message with a zero byte.
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)text);
        if (bytes.Length > LongestString) throw DbusException.InvalidArguments($"A string is longer than {LongestString} bytes.");
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    private void Enter(char type, string contents)
    {
        if (NativeSdBus.EnterContainer(_message, (byte)type, contents) <= 0) throw Mismatch(type == 'a' ? $"a{contents}" : $"{type} of {contents}");
    }
}
