// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi.Tests;

/// <summary>The mailbox once more, one flag at a time and straight from the rules: slow, obvious, and without a line of the real one.</summary>
internal sealed class MailboxReference(int pairs)
{
    private readonly bool[,,] _status = new bool[2, pairs, 32];
    private readonly bool[,,] _enable = new bool[2, pairs, 32];
    private readonly bool[,] _gate = new bool[2, pairs];
    private readonly uint[,] _count = new uint[2, pairs];
    private readonly uint[] _vector = [.. Enumerable.Range(0, pairs).Select(pair => (uint)pair)];

    public List<(MailboxSide Side, int Pair)> Interrupts { get; } = [];

    public void WriteGlobalEnable(int side, uint value)
    {
        for (int pair = 0; pair < pairs; pair++) _gate[side, pair] = Bit(value, pair);
        for (int pair = 0; pair < pairs; pair++) InterruptWhenUp(side, pair);
    }

    public void Write(int side, int pair, int register, uint value)
    {
        switch (register)
        {
            case 0x00 or 0x08:
                Each(value, bit => _status[side, pair, bit] = false);
                InterruptWhenUp(side, pair);
                break;
            case 0x04:
                Each(uint.MaxValue, bit => _enable[side, pair, bit] = Bit(value, bit) && Exists(bit));
                InterruptWhenUp(side, pair);
                break;
            case 0x18:
                Each(value, bit => _enable[side, pair, bit] |= Exists(bit));
                InterruptWhenUp(side, pair);
                break;
            case 0x1C:
                Each(value, bit => _enable[side, pair, bit] = false);
                InterruptWhenUp(side, pair);
                break;
            case 0x0C:
                Set(1 - side, pair, value);
                break;
            case 0x20 when side == 0:
                _vector[pair] = value % 256;
                break;
        }
    }

    public void ResetLink(int pair)
    {
        for (int side = 0; side < 2; side++) Each(uint.MaxValue, bit => _status[side, pair, bit] = false);
    }

    public void Reset()
    {
        Array.Clear(_status);
        Array.Clear(_enable);
        Array.Clear(_gate);
        Array.Clear(_count);
    }

    public uint ReadGlobalEnable(int side) => Word(bit => bit < pairs && _gate[side, bit]);

    public uint ReadSummary(int side) => Word(pair => pair < pairs && Enumerable.Range(0, 32).Any(bit => _status[side, pair, bit] && _enable[side, pair, bit]));

    public uint Read(int side, int pair, int register) => register switch
    {
        0x00 => Word(bit => _status[side, pair, bit]),
        0x04 => Word(bit => _enable[side, pair, bit]),
        0x10 => Word(bit => _status[1 - side, pair, bit]),
        0x14 => Word(bit => _status[side, pair, bit] && _enable[side, pair, bit]),
        0x20 => _vector[pair],
        0x24 => _count[side, pair],
        _ => 0,
    };

    private static bool Bit(uint value, int bit) => ((value >> bit) & 1) != 0;

    private static bool Exists(int bit) => bit is < 4 or (>= 8 and < 16);

    private static void Each(uint value, Action<int> act)
    {
        for (int bit = 0; bit < 32; bit++)
        {
            if (Bit(value, bit)) act(bit);
        }
    }

    private static uint Word(Func<int, bool> isSet)
    {
        uint word = 0;
        for (int bit = 0; bit < 32; bit++) word |= isSet(bit) ? 1u << bit : 0;
        return word;
    }

    private void Set(int to, int pair, uint value)
    {
        bool wasUp = IsUp(to, pair);
        Each(value, bit =>
        {
            if (!Exists(bit) || _status[to, pair, bit]) return;
            _status[to, pair, bit] = true;
            _count[to, pair]++;
        });
        if (!wasUp) InterruptWhenUp(to, pair);
    }

    private bool IsUp(int side, int pair) => _gate[side, pair] && Enumerable.Range(0, 32).Any(bit => _status[side, pair, bit] && _enable[side, pair, bit]);

    private void InterruptWhenUp(int side, int pair)
    {
        if (IsUp(side, pair)) Interrupts.Add(((MailboxSide)side, pair));
    }
}
