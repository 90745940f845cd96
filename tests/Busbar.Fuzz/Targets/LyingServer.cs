// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;

namespace Busbar.Fuzz;

/// <summary>A vfio-user server that answers as a script says: each question takes what it does from there, and behind its end all answers are good.</summary>
internal sealed class LyingServer
{
    private const int LimitMs = 5000;
    private const int MostQuestions = 4096;
    private const int HeaderLength = 16;
    private const uint Reply = 1;
    private const uint Error = 0x20;
    private const int WindowLength = 1 << 16;

    private readonly MappedMemory _window = MappedMemory.CreateSealed("fuzz-window", WindowLength);
    private readonly MappedMemory _shrinking;
    private readonly EventFd _doorbell = EventFd.Create();
    private readonly List<FileDescriptor> _received = [];
    private readonly byte[] _buffer = new byte[1 << 16];
    private EventFd? _bell;

    public LyingServer()
    {
        string file = ScratchFolder.Fresh("m-");
        _shrinking = MappedMemory.OpenOrCreate(file, WindowLength, out _);
        _shrinking.TryRemove(file);
    }

    /// <summary>What a question gets.</summary>
    public enum Answer
    {
        Good,
        Poked,
        Error,
        OtherId,
        OtherCommand,
        Short,
        Long,
        Raw,
        Reads,
        Writes,
        Descriptors,
        HangUp,
        Silence,
        Flood,
        Bell,
    }

    /// <summary>Serves one client until it goes.</summary>
    public void Serve(UnixListener listener, byte[] script)
    {
        var reader = new InputReader(script);
        UnixStream? accepted;
        long deadline = Environment.TickCount64 + LimitMs;
        while (listener.TryAcceptStream(out accepted) != AcceptResult.Accepted)
        {
            FuzzViolationException.Require(Environment.TickCount64 < deadline, "a client comes");
            Thread.Yield();
        }

        using UnixStream stream = accepted!;
        int have = 0;
        for (int questions = 0; questions < MostQuestions;)
        {
            ReceiveResult result = stream.TryReceive(_buffer.AsSpan(have), _received, out int count);
            if (result == ReceiveResult.Closed) break;
            if (result == ReceiveResult.WouldBlock && !stream.Wait(PollEvents.Readable, LimitMs)) break;
            have += count;
            while (have >= HeaderLength && BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(4)) is var size && size >= HeaderLength && have >= size)
            {
                // Answers to questions of its own are not looked at.
                bool isQuestion = (BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(8)) & 0xF) == 0;
                if (isQuestion && !TryAnswer(stream, _buffer.AsSpan(0, size), ref reader)) return;
                _buffer.AsSpan(size, have - size).CopyTo(_buffer);
                have -= size;
                questions++;
            }
        }

        Forget();
    }

    private static byte[] GoodOf(int command, ReadOnlySpan<byte> payload)
    {
        switch (command)
        {
            case GuestMessages.Version:
                return [0, 0, 0, 0, .. "{\"capabilities\":{\"max_msg_fds\":8}}\0"u8];
            case 4:
                return Words(16, 3, 9, 5);
            case 5:
                return RegionOf(BinaryPrimitives.ReadUInt32LittleEndian(payload), payload[8]);
            case 7:
                return Words(16, 1, payload[8], 4);
            case GuestMessages.RegionRead:
                uint count = BinaryPrimitives.ReadUInt32LittleEndian(payload[12..]);
                byte[] answer = [.. payload[..HeaderLength], .. new byte[Math.Min(count, 4096)]];
                if (payload[8] == GuestMessages.ConfigRegion) answer[HeaderLength] = (byte)(payload[0] is 0x18 ? 0x0C : payload[0] == 0x34 ? 0x40 : payload[0] == 0x40 ? 0x11 : 0);
                return answer;
            case GuestMessages.RegionWrite:
                return [.. payload[..HeaderLength]];
            case GuestMessages.DmaUnmap:
                return [.. payload];
            default:
                return [];
        }
    }

    private static byte[] RegionOf(uint room, byte region)
    {
        const int Whole = 64;
        bool isMemory = region == 2;
        long length = region switch { 0 => 4096, 2 => WindowLength, GuestMessages.ConfigRegion => 256, _ => 0 };
        bool isWhole = isMemory && room >= Whole;
        byte[] answer = new byte[isWhole ? Whole : 32];
        Words(isMemory ? Whole : 32u, length == 0 ? 0 : isWhole ? 0xFu : isMemory ? 7u : 3u, region, isWhole ? 32u : 0).CopyTo(answer, 0);
        BinaryPrimitives.WriteInt64LittleEndian(answer.AsSpan(16), length);
        if (!isWhole) return answer;
        Words(1 | (1 << 16), 0, 1, 0).CopyTo(answer, 32);
        BinaryPrimitives.WriteInt64LittleEndian(answer.AsSpan(56), WindowLength);
        return answer;
    }

    private static byte[] Words(params ReadOnlySpan<uint> words)
    {
        byte[] bytes = new byte[4 * words.Length];
        for (int i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), words[i]);
        return bytes;
    }

    private bool TryAnswer(UnixStream stream, ReadOnlySpan<byte> question, ref InputReader reader)
    {
        int command = BinaryPrimitives.ReadUInt16LittleEndian(question[2..]);
        byte[] payload = GoodOf(command, question[HeaderLength..]);
        uint flags = Reply;
        FileDescriptor[] descriptors = command == 5 && payload.Length > 32 ? [_window.Descriptor] : [];
        if (command == GuestMessages.SetIrqs && _received.Count > 0) TakeBell();
        byte[] message = GuestMessages.Of((byte)command, payload, flags);
        question[..2].CopyTo(message);
        var what = (Answer)(reader.Byte() % ((int)Answer.Bell + 1));
        switch (what)
        {
            case Answer.Poked:
                for (int pokes = reader.Byte() & 7; pokes > 0; pokes--)
                {
                    int place = reader.Byte();
                    ReadOnlySpan<byte> bytes = reader.Take(4);
                    if (HeaderLength + place + bytes.Length <= message.Length) bytes.CopyTo(message.AsSpan(HeaderLength + place));
                }

                break;
            case Answer.Error:
                message = GuestMessages.Of((byte)command, [], Reply | Error);
                question[..2].CopyTo(message);
                message[12] = reader.Byte();
                break;
            case Answer.OtherId:
                message[0] ^= 1;
                break;
            case Answer.OtherCommand:
                message[2] ^= 1;
                break;
            case Answer.Short:
                message = message[..Math.Max(HeaderLength, message.Length - reader.Byte())];
                BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), message.Length);
                break;
            case Answer.Long:
                message = [.. message, .. new byte[reader.Byte()]];
                BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), message.Length);
                break;
            case Answer.Raw:
                message = [.. reader.Take(reader.Byte())];
                break;
            case Answer.Reads or Answer.Writes:
                Ask(stream, what == Answer.Writes, ref reader);
                break;
            case Answer.Descriptors:
                descriptors = Odd(reader.Byte());
                break;
            case Answer.HangUp:
                Forget();
                return false;
            case Answer.Silence:
                return true;
            case Answer.Flood:
                byte[] read = GuestMessages.Of(11, new byte[HeaderLength], GuestMessages.NoReply);
                for (int i = 0; i < 100; i++) stream.TrySend(read, [], out _);
                break;
            case Answer.Bell:
                for (int i = 0; i < 100; i++) _bell?.Ring();
                break;
        }

        if (message.Length > 0) stream.TrySend(message, descriptors, out _);
        return true;
    }

    // Of memory about where the client has some, or with a length that is a lie.
    private static void Ask(UnixStream stream, bool writes, ref InputReader reader)
    {
        byte[] payload = new byte[HeaderLength + (writes ? 8 : 0)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, 0x1000_0000ul + reader.UInt16());
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(8), reader.UInt16());
        stream.TrySend(GuestMessages.Of((byte)(writes ? 12 : 11), payload), [], out _);
    }

    private void TakeBell()
    {
        _bell?.Dispose();
        _bell = null;
        FileDescriptor first = _received[0];
        _received.RemoveAt(0);
        try
        {
            _bell = EventFd.Wrap(first);
        }
        catch (LinuxException)
        {
            // Memory that came before.
        }
    }

    private void Forget()
    {
        _bell?.Dispose();
        _bell = null;
        _received.ForEach(static descriptor => descriptor.Dispose());
        _received.Clear();
    }

    private FileDescriptor[] Odd(byte choice) => (choice & 7) switch
    {
        1 => [_doorbell.Descriptor],
        2 => [_shrinking.Descriptor],
        3 => [_window.Descriptor, _window.Descriptor],
        4 => [.. Enumerable.Repeat(_doorbell.Descriptor, 40)],
        5 => [_window.Descriptor],
        _ => [],
    };
}
