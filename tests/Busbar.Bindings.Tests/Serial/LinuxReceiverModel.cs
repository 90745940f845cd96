// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings.Tests;

/// <summary>
/// A receiver with the weakness that Linux has: its place in the header stays where it was when an error ends, and the flag that ends an error is gone. So it can wait for a
/// revision where the next frame has its flag, and then never finds one.
/// </summary>
internal sealed class LinuxReceiverModel
{
    private const int BufferSize = 74;

    private readonly List<byte> _packet = [];
    private Stage _stage = Stage.Idle;
    private int _place;
    private int _length;
    private ushort _check;
    private ushort _claimed;

    private enum Stage
    {
        Idle,
        Header,
        Data,
        Escaped,
        Trailer,
        Error,
    }

    public List<byte[]> Packets { get; } = [];

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
            case Stage.Data when value == SerialFrame.Flag:
                _stage = Stage.Error;
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

        if (_place == 0) _check = FrameCheck.Start;
        else _check = FrameCheck.Add(_check, value);
        if (++_place < 3) return;
        _length = value;
        _packet.Clear();
        _place = 0;
        _stage = _length == 0 ? Stage.Trailer : Stage.Data;
    }

    private void TakeData(byte value)
    {
        _packet.Add(value);
        _check = FrameCheck.Add(_check, value);
        _stage = _packet.Count == _length ? Stage.Trailer : Stage.Data;
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
                _place = 0;
                _stage = value == SerialFrame.Flag ? Stage.Idle : Stage.Error;
                if (_stage == Stage.Idle && _claimed == _check) Packets.Add([.. _packet]);
                return;
        }
    }
}
