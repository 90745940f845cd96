// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Bindings;

/// <summary>
/// Finds packets in the bytes of a serial line. It counts instead of searching for the end flag, because a check sequence may look like a flag. Frames may share a
/// flag, and flags may be repeated. What turns out to be no frame is looked at again from the byte behind its flag, so that a false start costs no good frame.
/// </summary>
/// <remarks>
/// Use: read into <see cref="Buffer"/>, <see cref="Commit"/>, then <see cref="TryNext"/> until it says no. Each byte is looked at a bounded number of times,
/// because no packet contains a flag.
/// </remarks>
public sealed class SerialReceiver
{
    // The longest frame is 516 bytes; the rest is there so that one read can bring several.
    private const int BufferSize = 4096;
    private const int SmallestPacket = 4;

    private readonly byte[] _raw = GC.AllocateUninitializedArray<byte>(BufferSize);
    private readonly byte[] _packet = new byte[SerialFrame.LargestPacket];
    private readonly SerialStatistics _statistics;

    // Bytes from _start to _end are kept; those from _at on were not looked at in this attempt.
    private int _start;
    private int _at;
    private int _end;

    private Phase _phase;
    private int _count;
    private int _length;
    private ushort _check;
    private ushort _claimed;

    // True while the flag at _start ended a frame, and nothing tells yet that it begins another.
    private bool _isEndFlag;

    /// <summary>Creates a receiver.</summary>
    /// <param name="statistics">Where frames and faults are counted.</param>
    public SerialReceiver(SerialStatistics statistics) => _statistics = statistics;

    private enum Phase
    {
        Hunting,
        AfterFlag,
        Count,
        Data,
        Escaped,
        CheckHigh,
        CheckLow,
        EndFlag,
    }

    /// <summary>The packet that <see cref="TryNext"/> found, header first; valid until the next call.</summary>
    public ReadOnlySpan<byte> Packet => _packet.AsSpan(0, _length);

    /// <summary>Where the next bytes of the line go; never empty once <see cref="TryNext"/> has answered no.</summary>
    public Span<byte> Buffer
    {
        get
        {
            if (_start != 0)
            {
                // What is kept is the beginning of one frame at most.
                _raw.AsSpan(_start, _end - _start).CopyTo(_raw);
                _at -= _start;
                _end -= _start;
                _start = 0;
            }

            return _raw.AsSpan(_end);
        }
    }

    /// <summary>True while there are bytes that nobody has looked at.</summary>
    public bool HasUnread => _at != _end;

    /// <summary>Some bytes were put into <see cref="Buffer"/>.</summary>
    /// <param name="count">How many.</param>
    public void Commit(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _raw.Length - _end);
        _end += count;
    }

    /// <summary>Looks for the next packet.</summary>
    /// <returns>True when <see cref="Packet"/> holds one; false when more bytes are needed.</returns>
    public bool TryNext()
    {
        while (_at < _end)
        {
            if (_phase == Phase.Hunting)
            {
                Hunt();
                continue;
            }

            byte value = _raw[_at++];
            if (Step(value)) return true;
        }

        return false;
    }

    /// <summary>Forgets everything, as after opening a line.</summary>
    public void Reset()
    {
        _start = _at = _end = 0;
        _phase = Phase.Hunting;
    }

    private void Hunt()
    {
        int found = _raw.AsSpan(_at, _end - _at).IndexOf(SerialFrame.Flag);
        int skipped = found < 0 ? _end - _at : found;
        _statistics.BytesSkipped += skipped;
        _at += skipped;
        _start = _at;
        if (found < 0) return;
        _at++;
        _isEndFlag = false;
        _phase = Phase.AfterFlag;
    }

    // True when a packet is complete.
    private bool Step(byte value)
    {
        switch (_phase)
        {
            case Phase.AfterFlag when value == SerialFrame.Flag:
                // The later one of two flags is the one that begins a frame.
                _start = _at - 1;
                _isEndFlag = false;
                break;
            case Phase.AfterFlag when value == SerialFrame.Revision:
                _check = FrameCheck.Add(FrameCheck.Start, value);
                _phase = Phase.Count;
                break;
            case Phase.AfterFlag:
                Fail(SerialFault.BadRevision);
                break;
            case Phase.Count:
                TakeCount(value);
                break;
            case Phase.Data when value == SerialFrame.Flag:
                // The other end's burst is no fault of the line.
                if (_raw.AsSpan(_start, _at - _start).SequenceEqual(SerialFrame.ResynchronisationMark)) BeginAtThisFlag();
                else Fail(SerialFault.EarlyFlag);
                break;
            case Phase.Data when value == SerialFrame.Escape:
                _phase = Phase.Escaped;
                break;
            case Phase.Escaped when (value ^ SerialFrame.EscapeMask) is not (SerialFrame.Flag or SerialFrame.Escape):
                Fail(SerialFault.BadEscape);
                break;
            case Phase.Data:
                TakeData(value);
                break;
            case Phase.Escaped:
                TakeData((byte)(value ^ SerialFrame.EscapeMask));
                break;
            case Phase.CheckHigh:
                _claimed = (ushort)(value << 8);
                _phase = Phase.CheckLow;
                break;
            case Phase.CheckLow:
                _claimed |= value;
                _phase = Phase.EndFlag;
                break;
            case Phase.EndFlag:
                return Finish(value);
            default:
                Debug.Fail("Hunting is done elsewhere.");
                break;
        }

        return false;
    }

    private void TakeCount(byte value)
    {
        // A burst of resynchronisation ends in a frame of length zero. It carries nothing, and its check sequence is none.
        if (value is not 0 and < SmallestPacket)
        {
            Fail(SerialFault.BadLength);
            return;
        }

        _check = FrameCheck.Add(_check, value);
        _count = value;
        _length = 0;
        _phase = value == 0 ? Phase.CheckHigh : Phase.Data;
    }

    private void TakeData(byte value)
    {
        _check = FrameCheck.Add(_check, value);
        _packet[_length++] = value;
        _phase = _length == _count ? Phase.CheckHigh : Phase.Data;
    }

    private bool Finish(byte value)
    {
        if (_count == 0 && _claimed == 0 && value == SerialFrame.Flag)
        {
            _statistics.ResynchronisationsSeen++;
            BeginAtThisFlag();
            return false;
        }

        SerialFault? fault = _count == 0 ? SerialFault.BadLength : _claimed != _check ? SerialFault.BadCheck : value != SerialFrame.Flag ? SerialFault.MissingFlag : null;
        if (fault is { } reason)
        {
            Fail(reason);
            return false;
        }

        _statistics.FramesReceived++;
        BeginAtThisFlag();
        return true;
    }

    // The flag that ends a frame, or a burst's mark, may be the one that begins the next.
    private void BeginAtThisFlag()
    {
        _start = _at - 1;
        _isEndFlag = true;
        _phase = Phase.AfterFlag;
    }

    private void Fail(SerialFault fault)
    {
        // The end flag of a frame followed by noise: nothing was lost. Otherwise the flag began something that was to be a frame.
        if (fault != SerialFault.BadRevision || !_isEndFlag)
        {
            _statistics.BytesSkipped++;
            _statistics.Count(fault);
        }

        _at = _start + 1;
        _phase = Phase.Hunting;
    }
}
