// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Fuzz;

/// <summary>
/// Memory of a vfio-user client that lends parts of it. It follows which bytes the client has ever lent for writing, by what it sent and not by what the server made of it; all others must keep
/// their content.
/// </summary>
internal sealed class GuestMemory : IDisposable
{
    /// <summary>Bytes.</summary>
    public const int Length = 1 << 16;

    private const byte Canary = 0x96;
    private const int DmaMapCommand = 2;
    private const int HeaderLength = 16;
    private const int RequestLength = 32;
    private const uint Writable = 2;

    private readonly MappedMemory _memory = MappedMemory.CreateSealed("fuzz", Length);
    private readonly SharedRegion _view;
    private readonly List<(int Start, int End)> _lent = [];

    public GuestMemory() => _view = _memory.Map();

    /// <summary>For sending along.</summary>
    public FileDescriptor Descriptor => _memory.Descriptor;

    /// <summary>All the client's own, and of known content.</summary>
    public void StartOver()
    {
        _lent.Clear();
        _view.Span(0, Length).Fill(Canary);
    }

    /// <summary>Takes note of a message that is about to be sent with this memory's descriptor.</summary>
    /// <param name="message">The whole message.</param>
    public void Note(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderLength + RequestLength || BinaryPrimitives.ReadUInt16LittleEndian(message[2..]) != DmaMapCommand) return;
        ReadOnlySpan<byte> request = message[HeaderLength..];
        if ((BinaryPrimitives.ReadUInt32LittleEndian(request[4..]) & Writable) == 0) return;
        Lend(BinaryPrimitives.ReadUInt64LittleEndian(request[8..]), BinaryPrimitives.ReadUInt64LittleEndian(request[24..]));
    }

    /// <summary>Bytes that may change from now on; what lies outside of the memory does not count.</summary>
    public void Lend(ulong offset, ulong size)
    {
        if (offset >= Length) return;
        _lent.Add(((int)offset, (int)Math.Min(Length, offset + Math.Min(size, Length))));
    }

    /// <summary>Everything may change: what was sent cannot be understood.</summary>
    public void LendAll() => Lend(0, Length);

    /// <summary>The server has said that it has nothing any more; what it wrote until now stays.</summary>
    public void TakeBack() => StartOver();

    /// <summary>Looks.</summary>
    /// <exception cref="FuzzViolationException">A byte that was never lent for writing has changed.</exception>
    public void Check()
    {
        int done = 0;
        foreach ((int start, int end) in _lent.Order())
        {
            if (start > done) Check(done, start);
            done = Math.Max(done, end);
        }

        Check(done, Length);
    }

    public void Dispose()
    {
        _view.Dispose();
        _memory.Dispose();
    }

    private void Check(int start, int end)
    {
        int changed = _view.ReadSpan(start, end - start).IndexOfAnyExcept(Canary);
        FuzzViolationException.Require(changed < 0, $"memory that was not lent keeps its content, also at 0x{start + changed:x}");
    }
}
