// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// The conversation with one client: every command gets exactly one answer, unless the client wants none. Belongs to the loop's thread and never waits.
/// </summary>
internal sealed partial class Session : IDisposable
{
    private const int MostUnclosed = 1024;

    private readonly MessageStream _messages;
    private readonly SessionContext _context;
    private byte[] _reply = new byte[4096];
    private VfioUserCapabilities? _client;
    private bool _isGone;

    /// <summary>Begins to serve a client.</summary>
    /// <param name="stream">The connection; owned from now on.</param>
    /// <param name="context">What is served.</param>
    /// <param name="greetUntil">Milliseconds of the server's clock at which the version must have been agreed on.</param>
    public Session(UnixStream stream, SessionContext context, long greetUntil)
    {
        GreetUntil = greetUntil;
        _messages = new MessageStream(stream);
        _context = context;
    }

    /// <summary>True while so many descriptors of clients cannot be closed that no client may send more.</summary>
    public static bool IsSwamped => FileDescriptor.WaitingToClose > MostUnclosed;

    /// <summary>When the client must have agreed on a version; <see cref="long.MaxValue"/> once it has.</summary>
    public long GreetUntil { get; private set; }

    public FileDescriptor Socket => _messages.Socket;

    /// <summary>What the session waits for: while an answer waits for the client to read, nothing more is taken from it.</summary>
    public PollEvents Interest => _messages.HasBacklog ? PollEvents.Writable : PollEvents.Readable;

    private VfioUserHeader Header => _messages.Header;

    /// <summary>Deals with what has come.</summary>
    /// <param name="receives">
    /// Messages to look for in the socket, besides what has been received already: 1 for a client that mostly waits for its answer, because looking again would cost
    /// a call for nothing; more when the end of the stream may be behind them.
    /// </param>
    /// <returns>Null, or why the session is over.</returns>
    public VfioUserDisconnect? Serve(int receives)
    {
        if (!_messages.TryFlush()) return VfioUserDisconnect.Left;
        while (!_messages.HasBacklog)
        {
            switch (_messages.TryReceive(mayReceive: receives > 0))
            {
                case ReceiveStatus.Message:
                    bool hadDescriptors = _messages.Descriptors.Count > 0 || _messages.HasExcessDescriptors;
                    Handle();
                    _messages.Consume();
                    if (_isGone) return VfioUserDisconnect.Left;
                    if (hadDescriptors && IsSwamped) return VfioUserDisconnect.Descriptors;
                    receives--;
                    break;
                case ReceiveStatus.WouldBlock:
                    return null;
                case ReceiveStatus.BadSize:
                    _context.Statistics.CountReceived(Header.Command);
                    Refuse(VfioUserRefusal.BadSize);
                    return VfioUserDisconnect.BadSize;
                case ReceiveStatus.Truncated:
                    return VfioUserDisconnect.Truncated;
                default:
                    return VfioUserDisconnect.Left;
            }
        }

        return null;
    }

    /// <summary>Sends what the function wants of the client's memory, if this is a moment for it.</summary>
    /// <returns>False when the client is gone.</returns>
    public bool AskForMemory(long now) => _client is null || _context.MessageDma.TryAsk(_messages, now);

    /// <summary>Takes no further message and answers those that have come, so that nobody waits for an answer when the connection ends.</summary>
    public void Finish()
    {
        _messages.StopReceiving();
        Serve(int.MaxValue);
    }

    public void Dispose() => _messages.Dispose();

    private void Handle()
    {
        _context.Statistics.CountReceived(Header.Command);
        if (Header.Type == VfioUserFormat.ReplyType && Header.Command is VfioUserCommand.DmaRead or VfioUserCommand.DmaWrite)
        {
            _context.MessageDma.Accept(Header, _messages.Payload);
            return;
        }

        VfioUserRefusal? refusal = Judge() ?? Dispatch();
        if (refusal is { } reason) Refuse(reason);
    }

    // What is wrong with a message whatever the command.
    private VfioUserRefusal? Judge()
    {
        if (Header.Type != VfioUserFormat.CommandType) return VfioUserRefusal.NotACommand;
        if (_messages.HasExcessDescriptors) return VfioUserRefusal.TooManyDescriptors;
        bool takesDescriptors = Header.Command is VfioUserCommand.DmaMap or VfioUserCommand.DeviceSetIrqs;
        if (_messages.Descriptors.Count > 0 && !takesDescriptors) return VfioUserRefusal.UnexpectedDescriptors;
        if (_client is null != (Header.Command == VfioUserCommand.Version)) return VfioUserRefusal.NotNegotiated;
        return _messages.Payload.IsEmpty && Header.Command != VfioUserCommand.DeviceReset ? VfioUserRefusal.BadLength : null;
    }

    private VfioUserRefusal? Dispatch() => Header.Command switch
    {
        VfioUserCommand.RegionRead => RegionRead(),
        VfioUserCommand.RegionWrite => RegionWrite(),
        VfioUserCommand.RegionWriteMulti => RegionWriteMulti(),
        VfioUserCommand.Version => Negotiate(),
        VfioUserCommand.DmaMap => DmaMap(),
        VfioUserCommand.DmaUnmap => DmaUnmap(),
        VfioUserCommand.DeviceGetInfo => DeviceInfo(),
        VfioUserCommand.DeviceGetRegionInfo => RegionInfo(),
        VfioUserCommand.DeviceGetRegionIoFds => RegionIoFds(),
        VfioUserCommand.DeviceGetIrqInfo => IrqInfo(),
        VfioUserCommand.DeviceSetIrqs => SetIrqs(),
        VfioUserCommand.DeviceReset => Reset(),
        VfioUserCommand.DeviceFeature or VfioUserCommand.MigrationDataRead or VfioUserCommand.MigrationDataWrite => VfioUserRefusal.NotSupported,
        _ => VfioUserRefusal.UnknownCommand,
    };

    private VfioUserRefusal? Negotiate()
    {
        ReadOnlySpan<byte> payload = _messages.Payload;
        if (payload.Length < VfioUserFormat.VersionLength) return VfioUserRefusal.BadLength;
        if (BinaryPrimitives.ReadUInt16LittleEndian(payload) != VfioUserFormat.Major) return VfioUserRefusal.BadVersion;
        ReadOnlySpan<byte> text = payload[VfioUserFormat.VersionLength..];
        if (!VfioUserCapabilities.TryRead(text, out VfioUserCapabilities client)) return VfioUserRefusal.BadCapabilities;
        _client = client;
        GreetUntil = long.MaxValue;
        _context.MessageDma.Open(client.MaximumTransfer);

        // QEMU receives the answer into the buffer of its question, so it must not be longer.
        byte[] own = _context.Capabilities.Write(text.Length);
        Span<byte> answer = Answer(VfioUserFormat.VersionLength + own.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(answer, VfioUserFormat.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(answer[2..], VfioUserFormat.Minor);
        own.CopyTo(answer[VfioUserFormat.VersionLength..]);
        Send(answer.Length);
        return null;
    }

    private VfioUserRefusal? RegionRead()
    {
        ReadOnlySpan<byte> payload = _messages.Payload;
        if (payload.Length != VfioUserFormat.AccessLength) return VfioUserRefusal.BadLength;
        RegionAccessHeader access = RegionAccessHeader.Read(payload);
        if (_context.Regions.Judge(access) is { } refusal) return refusal;
        Span<byte> answer = Answer(VfioUserFormat.AccessLength + (int)access.Count);
        access.Write(answer);
        _context.Regions.Read(access, answer[VfioUserFormat.AccessLength..]);
        Send(answer.Length);
        return null;
    }

    private VfioUserRefusal? RegionWrite()
    {
        ReadOnlySpan<byte> payload = _messages.Payload;
        if (payload.Length < VfioUserFormat.AccessLength) return VfioUserRefusal.BadLength;
        RegionAccessHeader access = RegionAccessHeader.Read(payload);
        if (_context.Regions.Judge(access) is { } refusal) return refusal;
        if (payload.Length - VfioUserFormat.AccessLength != access.Count) return VfioUserRefusal.BadLength;

        // The answer goes first: what the write sets off (an interrupt, DMA) must not keep the client's processor waiting.
        access.Write(Answer(VfioUserFormat.AccessLength));
        Send(VfioUserFormat.AccessLength);
        _context.Regions.Write(access, payload[VfioUserFormat.AccessLength..]);
        return null;
    }

    private VfioUserRefusal? RegionWriteMulti()
    {
        ReadOnlySpan<byte> payload = _messages.Payload;
        if (payload.Length < sizeof(ulong)) return VfioUserRefusal.BadLength;
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(payload);
        ReadOnlySpan<byte> entries = payload[sizeof(ulong)..];
        if (number != (ulong)(entries.Length / VfioUserFormat.WriteMultiEntryLength) || entries.Length % VfioUserFormat.WriteMultiEntryLength != 0)
        {
            return VfioUserRefusal.BadLength;
        }

        // All or nothing: half of them done and an error for an answer would help nobody.
        for (int at = 0; at < entries.Length; at += VfioUserFormat.WriteMultiEntryLength)
        {
            RegionAccessHeader access = RegionAccessHeader.Read(entries[at..]);
            if (access.Count > sizeof(ulong)) return VfioUserRefusal.TooLarge;
            if (_context.Regions.Judge(access) is { } refusal) return refusal;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(Answer(sizeof(ulong)), number);
        Send(sizeof(ulong));
        for (int at = 0; at < entries.Length; at += VfioUserFormat.WriteMultiEntryLength)
        {
            RegionAccessHeader access = RegionAccessHeader.Read(entries[at..]);
            _context.Regions.Write(access, entries.Slice(at + VfioUserFormat.AccessLength, (int)access.Count));
        }

        return null;
    }

    private VfioUserRefusal? Reset()
    {
        if (!_messages.Payload.IsEmpty) return VfioUserRefusal.BadLength;
        _context.Function.Reset();
        _context.OnReset();
        Answer(0);
        Send(0);
        return null;
    }

    // The payload of the answer, to be filled before Send.
    private Span<byte> Answer(int length)
    {
        int whole = VfioUserHeader.Length + length;
        if (_reply.Length < whole) _reply = new byte[Math.Max(whole, Math.Min(_reply.Length * 4, VfioUserFormat.LargestMessage))];
        return _reply.AsSpan(VfioUserHeader.Length, length);
    }

    private void Send(int length, FileDescriptor? descriptor = null)
    {
        if (Header.IsNoReply) return;
        int whole = VfioUserHeader.Length + length;
        new VfioUserHeader(Header.Id, Header.Command, (uint)whole, VfioUserFormat.ReplyType, 0).Write(_reply);
        if (!_messages.TrySend(_reply.AsSpan(0, whole), descriptor is null ? [] : new ReadOnlySpan<FileDescriptor>(in descriptor))) _isGone = true;
    }

    private void Refuse(VfioUserRefusal reason)
    {
        Errno error = reason switch
        {
            VfioUserRefusal.NotSupported => Errno.EOPNOTSUPP,
            VfioUserRefusal.Overlap => Errno.EEXIST,
            _ => Errno.EINVAL,
        };
        _context.Statistics.CountRefused(reason);
        if (!Header.IsNoReply || Header.Type != VfioUserFormat.CommandType)
        {
            const uint Flags = VfioUserFormat.ReplyType | VfioUserFormat.ErrorReply;
            new VfioUserHeader(Header.Id, Header.Command, VfioUserHeader.Length, Flags, (uint)error).Write(_reply);
            if (!_messages.TrySend(_reply.AsSpan(0, VfioUserHeader.Length))) _isGone = true;
        }

        _context.OnRefused(new VfioUserRefusedMessage(Header.Command, reason, error));
    }
}
