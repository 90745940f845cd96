// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>One counter for each <see cref="DropReason"/>. Written under the stack's serialisation; readers may see a slightly old value.</summary>
public sealed class DropCounters
{
    private static readonly int s_reasons = Enum.GetValues<DropReason>().Length;

    // Made for the first drop: most links never have one.
    private long[]? _counts;

    /// <summary>How often a reason occurred.</summary>
    /// <param name="reason">The reason.</param>
    public long this[DropReason reason] => _counts is { } counts ? counts[(int)reason] : 0;

    /// <summary>All drops together.</summary>
    public long Total
    {
        get
        {
            long total = 0;
            foreach (long count in _counts ?? []) total += count;
            return total;
        }
    }

    /// <summary>Counts one drop.</summary>
    /// <param name="reason">Why.</param>
    public void Count(DropReason reason) => (_counts ??= new long[s_reasons])[(int)reason]++;
}
