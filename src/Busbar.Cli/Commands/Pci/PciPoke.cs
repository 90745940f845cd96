// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Cli;

/// <summary>A 32-bit register write as users write it: <c>BAR:OFFSET=VALUE</c>, where <c>dma</c> or <c>dma+N</c> as value is the bus address of DMA memory.</summary>
/// <param name="Bar">0 to 5.</param>
/// <param name="Offset">Bytes from its start, a multiple of 4.</param>
/// <param name="Value">What to write, or what to add to the bus address.</param>
/// <param name="IsDma">True when the bus address counts.</param>
internal sealed record PciPoke(int Bar, int Offset, uint Value, bool IsDma)
{
    private const int LastBar = 5;
    private const string Dma = "dma";

    public static bool TryParse(string text, [NotNullWhen(true)] out PciPoke? poke)
    {
        poke = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (colon <= 0 || equals <= colon) return false;
        if (!OptionKinds.TryParseNumber(text[..colon], 0, LastBar, out int bar)) return false;
        if (!OptionKinds.TryParseNumber(text[(colon + 1)..equals], 0, int.MaxValue - 3, out int offset) || offset % 4 != 0) return false;
        string word = text[(equals + 1)..];
        bool isDma = word.StartsWith(Dma, StringComparison.Ordinal);
        if (isDma) word = word == Dma ? "0" : word.StartsWith(Dma + "+", StringComparison.Ordinal) ? word[(Dma.Length + 1)..] : "?";
        if (!PciOptions.TryParseValue(word, out ulong value) || value > uint.MaxValue) return false;
        poke = new PciPoke(bar, offset, (uint)value, isDma);
        return true;
    }
}
