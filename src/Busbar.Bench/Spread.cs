// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>One figure over several rounds: the median to quote and the spread that says how far to trust it.</summary>
/// <param name="Median">Middle value.</param>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value.</param>
public readonly record struct Spread(double Median, double Low, double High)
{
    /// <summary>Summarises rounds.</summary>
    /// <param name="rounds">At least one value; sorted in place.</param>
    public static Spread Of(double[] rounds)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rounds.Length);
        Array.Sort(rounds);
        int middle = rounds.Length / 2;
        double median = rounds.Length % 2 == 1 ? rounds[middle] : (rounds[middle - 1] + rounds[middle]) / 2;
        return new Spread(median, rounds[0], rounds[^1]);
    }

    /// <summary>Summarises one figure of several rounds.</summary>
    /// <param name="rounds">At least one round.</param>
    /// <param name="figure">Picks the figure.</param>
    public static Spread Of<T>(IReadOnlyCollection<T> rounds, Func<T, double> figure) => Of([.. rounds.Select(figure)]);
}
