// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;

namespace Busbar.Guest;

/// <summary>The harness's end of the stream to an agent. Everything that arrives is the guest's word and is checked.</summary>
internal sealed class AgentConnection : IDisposable
{
    private const int MostReason = 1000;

    // A guest that fell silent must not hang the harness in a write; the stream has its own limit, this one is for the end of the reader.
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(5);

    private readonly Func<string>? _obituary;
    private readonly FrameStream _frames;
    private readonly Thread _reader;
    private readonly ConcurrentDictionary<uint, GuestProcess> _processes = new();
    private readonly object _gate = new();
    private uint _lastChannel;
    private int? _agentId;
    private bool _hasEnded;
    private long _strayFrames;

    /// <summary>Begins to read what the agent says.</summary>
    /// <param name="stream">Both directions; disposed with this.</param>
    /// <param name="obituary">Says what became of the machine behind a stream that ended, for messages.</param>
    public AgentConnection(Stream stream, Func<string>? obituary = null)
    {
        _obituary = obituary;
        _frames = new FrameStream(stream);
        _reader = new Thread(Read) { IsBackground = true, Name = "guest agent" };
        _reader.Start();
    }

    /// <summary>Bytes from the guest that were no frame.</summary>
    public long SkippedBytes => _frames.SkippedBytes;

    /// <summary>Frames from the guest about commands that do not run, or with a content that makes no sense.</summary>
    public long StrayFrames => Interlocked.Read(ref _strayFrames);

    /// <summary>Waits until an agent said that it is there.</summary>
    /// <returns>False when none did within the limit.</returns>
    /// <exception cref="GuestException">The stream ended.</exception>
    public bool WaitForAgent(TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        lock (_gate)
        {
            while (_agentId is null)
            {
                if (_hasEnded) throw Gone(null);
                TimeSpan left = deadline.Left;
                if (left == TimeSpan.Zero) return false;
                Monitor.Wait(_gate, left);
            }
        }

        return true;
    }

    /// <summary>Starts a command.</summary>
    /// <exception cref="GuestException">The guest is gone, or the command is too long.</exception>
    public GuestProcess Start(string command)
    {
        byte[] text = Encoding.UTF8.GetBytes(command);
        if (text.Length > FrameDecoder.MostPayload)
            throw new GuestException(GuestError.Refused, $"a command of {text.Length} bytes is too long; at most {FrameDecoder.MostPayload}");

        var process = new GuestProcess(this, Interlocked.Increment(ref _lastChannel), command);
        lock (_gate)
        {
            if (_hasEnded) throw Gone(null);
            _processes[process.Channel] = process;
        }

        Send(FrameKind.Start, process.Channel, text);
        return process;
    }

    public void Send(FrameKind kind, uint channel, ReadOnlySpan<byte> payload)
    {
        try
        {
            _frames.Write(kind, channel, payload);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            throw Gone(failure);
        }
    }

    public void Dispose()
    {
        _frames.Dispose();
        _reader.Join(s_endLimit);
    }

    private GuestException Gone(Exception? cause) =>
        new(GuestError.Ended, $"the connection to the guest's agent has ended{(_obituary is null ? string.Empty : $"; {_obituary()}")}", cause);

    private void Read()
    {
        try
        {
            while (_frames.ReadSome(Handle))
            {
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // Ends like an end of the stream.
        }

        lock (_gate)
        {
            _hasEnded = true;
            Monitor.PulseAll(_gate);
        }

        if (!_processes.IsEmpty) LoseAll(Gone(null));
    }

    private void Handle(FrameKind kind, uint channel, ReadOnlySpan<byte> payload)
    {
        if (kind == FrameKind.Hello && payload.Length == 4)
        {
            Greet(BinaryPrimitives.ReadInt32LittleEndian(payload));
            return;
        }

        if (!_processes.TryGetValue(channel, out GuestProcess? process))
        {
            Interlocked.Increment(ref _strayFrames);
            return;
        }

        switch (kind)
        {
            case FrameKind.Output or FrameKind.Error:
                process.GotOutput(kind, payload);
                break;
            case FrameKind.InputTaken when payload.Length == 4:
                process.GotInputTaken(BinaryPrimitives.ReadInt32LittleEndian(payload));
                break;
            case FrameKind.Exit when payload.Length == 4:
                _processes.TryRemove(channel, out _);
                process.GotExit(BinaryPrimitives.ReadInt32LittleEndian(payload));
                break;
            case FrameKind.Refused:
                _processes.TryRemove(channel, out _);
                string reason = Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, MostReason)]);
                process.Lose(new GuestException(GuestError.Refused, $"the agent refuses: {reason}"));
                break;
            default:
                Interlocked.Increment(ref _strayFrames);
                break;
        }
    }

    private void Greet(int id)
    {
        bool isOther;
        lock (_gate)
        {
            isOther = _agentId is { } known && known != id;
            _agentId = id;
            Monitor.PulseAll(_gate);
        }

        if (isOther) LoseAll(new GuestException(GuestError.Ended, "the guest's agent ended and another took over"));
    }

    private void LoseAll(GuestException reason)
    {
        foreach (uint channel in _processes.Keys)
        {
            if (_processes.TryRemove(channel, out GuestProcess? process)) process.Lose(reason);
        }
    }
}
