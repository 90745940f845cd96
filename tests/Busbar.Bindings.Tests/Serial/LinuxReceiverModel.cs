// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings.Tests;

/// <summary>
/// A receiver with the weaknesses that Linux has. Its place in the header stays where it was when an error ends, and the flag that ends an error is gone; so it can wait for a
/// revision where the next frame has its flag, and then never finds one. Before it was repaired, a byte count of zero made it take all that follows as data, past its buffer's end.
/// </summary>
/// <param name="isRepaired">False for kernels that know no empty frames (CVE-2026-68124).</param>
internal sealed class LinuxReceiverModel(bool isRepaired = true)
{
    public const int BufferSize = 74;

    private readonly byte[] _packet = new byte[BufferSize];
    private Stage _stage = Stage.Idle;
    private int _place;
    private int _length;
    private ushort _check;
    private ushort _claimed;

    public enum Stage
    {
        Idle,
        Header,
        Data,
        Escaped,
        Trailer,
        Error,
    }

    public List<byte[]> Packets { get; } = [];

    /// <summary>True once it wrote behind its buffer.</summary>
    public bool HasOverflowed { get; private set; }

    /// <summary>All states that noise can leave it in.</summary>
    public static IEnumerable<(Stage Stage, int Place, int Length)> States()
    {
        for (int place = 0; place < 3; place++)
        {
            foreach (Stage stage in (Stage[])[Stage.Idle, Stage.Error, Stage.Trailer]) yield return (stage, place, 0);
            if (place > 0) yield return (Stage.Header, place, 0);
        }

        for (int length = 1; length <= BufferSize; length++)
        {
            for (int place = 0; place < length; place++)
            {
                yield return (Stage.Data, place, length);
                yield return (Stage.Escaped, place, length);
            }
        }
    }

    /// <summary>Puts it into a state.</summary>
    public void Enter((Stage Stage, int Place, int Length) state, ushort check)
    {
        (_stage, _place, _length) = state;
        _check = check;
    }

    public void Receive(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes) Receive(value);
    }

    private void Receive(byte value)
    {
        switch (_stage)
        {
            case Stage.Error:
                if (value == SerialFrame.Flag) _stage = Stage.Idle;
                break;
            case Stage.Idle or Stage.Header:
                _stage = Stage.Header;
                TakeHeader(value);
                break;
            case Stage.Data when value == SerialFrame.Escape:
                _stage = Stage.Escaped;
                break;
            case Stage.Data:
                TakeData(value);
                break;
            case Stage.Escaped:
                TakeData((byte)(value | 0x20));
                break;
            default:
                TakeTrailer(value);
                break;
        }
    }

    private void TakeHeader(byte value)
    {
        bool isGood = _place switch
        {
            0 => value == SerialFrame.Flag,
            1 => value == SerialFrame.Revision,
            _ => value <= BufferSize,
        };
        if (!isGood)
        {
            _stage = Stage.Error;
            return;
        }

        _check = FrameCheck.Add(_place == 1 ? FrameCheck.Start : _check, value);
        if (++_place < 3) return;
        _length = value;
        _place = 0;
        _stage = isRepaired && _length == 0 ? Stage.Trailer : Stage.Data;
    }

    private void TakeData(byte value)
    {
        _check = FrameCheck.Add(_check, value);
        if (_place < BufferSize) _packet[_place] = value;
        else HasOverflowed = true;
        _place++;
        _stage = Stage.Data;
        if (_place != _length) return;
        _place = 0;
        _stage = Stage.Trailer;
    }

    private void TakeTrailer(byte value)
    {
        switch (_place)
        {
            case 0:
                _claimed = (ushort)(value << 8);
                _place = 1;
                return;
            case 1:
                _claimed |= value;
                _place = 2;
                return;
            default:
                if (value != SerialFrame.Flag)
                {
                    _stage = Stage.Error;
                    return;
                }

                _place = 0;
                _stage = Stage.Idle;
                if (_claimed == _check) Packets.Add(_packet[.._length]);
                return;
        }
    }
}
