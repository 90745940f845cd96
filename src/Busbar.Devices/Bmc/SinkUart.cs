// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Devices;

/// <summary>
/// A 16550 with nobody at the other end: whatever is sent is gone at once, nothing is ever received, the modem lines say that one may send. Registers as the
/// PC16550D data sheet has them, without loopback. Called under the function's lock.
/// </summary>
/// <param name="raise">Interrupts, when the request for it rises or is renewed.</param>
internal sealed class SinkUart(Action raise)
{
    /// <summary>Registers.</summary>
    public const int RegisterCount = 8;

    private const byte TransmitterEmptyEnable = 0x02;
    private const byte EnableMask = 0x0F;
    private const byte FifoEnable = 0x01;
    private const byte FifosEnabled = 0xC0;
    private const byte NothingPending = 0x01;
    private const byte TransmitterEmptyPending = 0x02;
    private const byte DivisorAccess = 0x80;
    private const byte ModemControlMask = 0x1F;
    private const byte TransmitterEmpty = 0x60;
    private const byte CarrierReadyClear = 0xB0;

    private byte _divisorLow;
    private byte _divisorHigh;
    private byte _enable;
    private bool _hasFifos;
    private byte _lineControl;
    private byte _modemControl;
    private byte _scratch;
    private bool _isEmptinessNews;

    private bool IsPending => _isEmptinessNews && (_enable & TransmitterEmptyEnable) != 0;

    private bool SeesDivisor => (_lineControl & DivisorAccess) != 0;

    /// <summary>What a register shows; reading the interrupt identification takes the news that the transmitter is empty.</summary>
    public byte Read(int register)
    {
        switch (register)
        {
            case 0:
                return SeesDivisor ? _divisorLow : (byte)0;
            case 1:
                return SeesDivisor ? _divisorHigh : _enable;
            case 2:
                byte cause = IsPending ? TransmitterEmptyPending : NothingPending;
                if (IsPending) _isEmptinessNews = false;
                return (byte)(cause | (_hasFifos ? FifosEnabled : 0));
            case 3:
                return _lineControl;
            case 4:
                return _modemControl;
            case 5:
                return TransmitterEmpty;
            case 6:
                return CarrierReadyClear;
            default:
                return _scratch;
        }
    }

    /// <summary>Takes a byte for a register.</summary>
    public void Write(int register, byte value)
    {
        switch (register)
        {
            case 0 when SeesDivisor:
                _divisorLow = value;
                break;
            case 1 when SeesDivisor:
                _divisorHigh = value;
                break;
            case 0:
                RenewNews();
                break;
            case 1:
                bool wasEnabled = (_enable & TransmitterEmptyEnable) != 0;
                _enable = (byte)(value & EnableMask);
                if (!wasEnabled) RenewNews();
                break;
            case 2:
                _hasFifos = (value & FifoEnable) != 0;
                break;
            case 3:
                _lineControl = value;
                break;
            case 4:
                _modemControl = (byte)(value & ModemControlMask);
                break;
            case 7:
                _scratch = value;
                break;
        }
    }

    /// <summary>As after power-up.</summary>
    public void Reset()
    {
        (_divisorLow, _divisorHigh, _enable, _lineControl, _modemControl, _scratch) = (0, 0, 0, 0, 0, 0);
        (_hasFifos, _isEmptinessNews) = (false, false);
    }

    private void RenewNews()
    {
        _isEmptinessNews = true;
        if (IsPending) raise();
    }
}
