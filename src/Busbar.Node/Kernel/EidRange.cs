// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>EIDs that follow each other.</summary>
/// <param name="First">From 8.</param>
/// <param name="Last">At most 254, not before the first.</param>
public readonly record struct EidRange(Eid First, Eid Last)
{
    /// <summary>Reads <c>9</c> or <c>9-12</c>.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="range">The range.</param>
    public static bool TryParse(string text, out EidRange range)
    {
        string[] parts = text.Split('-');
        range = default;
        if (parts.Length > 2 || !TryParseEid(parts[0], out Eid first) || !TryParseEid(parts[^1], out Eid last) || last.Value < first.Value) return false;
        range = new EidRange(first, last);
        return true;
    }

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";

    private static bool TryParseEid(string text, out Eid eid)
    {
        bool good = byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte value);
        eid = new Eid(value);
        return good && eid.IsAssignable;
    }
}
