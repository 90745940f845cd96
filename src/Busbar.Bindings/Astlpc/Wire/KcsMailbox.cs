// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Bindings;

/// <summary>
/// The KCS device of an LPC link, as it is declared for a window in a file: a status and one data byte in each direction, in five little-endian words at 0x40 of the
/// window. Each word has one writer. A data word is a count times 256 plus the byte; the register is empty when the reader has written that count into its own word.
/// <code>
/// 0x40 status, by the management controller (bit 7 ready, bit 6 channel active)
/// 0x44 byte for the host         0x48 count that the host has taken
/// 0x4c byte for the controller   0x50 count that the controller has taken
/// </code>
/// </summary>
internal sealed class KcsMailbox
{
    private const int StatusWord = 0x40;
    private const int ToHostWord = 0x44;
    private const int HostTookWord = 0x48;
    private const int ToBmcWord = 0x4C;
    private const int BmcTookWord = 0x50;
    private const int CountShift = 8;
    private const uint CountMask = uint.MaxValue >> CountShift;

    private readonly SharedRegion _window;
    private readonly int _outWord;
    private readonly int _outTookWord;
    private readonly int _inWord;
    private readonly int _inTookWord;
    private uint _sent;
    private uint _taken;

    /// <summary>Goes on where a former user of this end stopped; what the other end had sent to that one is forgotten.</summary>
    public KcsMailbox(SharedRegion window, AstlpcRole role)
    {
        _window = window;
        bool isBmc = role == AstlpcRole.Bmc;
        (_outWord, _outTookWord) = isBmc ? (ToHostWord, HostTookWord) : (ToBmcWord, BmcTookWord);
        (_inWord, _inTookWord) = isBmc ? (ToBmcWord, BmcTookWord) : (ToHostWord, HostTookWord);
        _sent = window.Read32(_outTookWord) & CountMask;
        window.Write32(_outWord, _sent << CountShift);
        _taken = window.Read32(_inWord) >> CountShift;
        window.Write32(_inTookWord, _taken);
    }

    public KcsStatus Status
    {
        get => (KcsStatus)_window.Read32(StatusWord);
        set => _window.Write32(StatusWord, (uint)value);
    }

    public bool CanSend => (_window.Read32(_outTookWord) & CountMask) == _sent;

    public bool HasByte => _window.Read32(_inWord) >> CountShift != _taken;

    public bool TrySend(byte value)
    {
        if (!CanSend) return false;
        _sent = (_sent + 1) & CountMask;
        _window.Write32(_outWord, (_sent << CountShift) | value);
        return true;
    }

    public bool TryReceive(out byte value)
    {
        uint word = _window.Read32(_inWord);
        value = (byte)word;
        if (word >> CountShift == _taken) return false;
        _taken = word >> CountShift;
        _window.Write32(_inTookWord, _taken);
        return true;
    }
}
