// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Fuzz;

/// <summary>A target did not crash, but did what it must not do.</summary>
internal sealed class FuzzViolationException(string message) : Exception(message)
{
    /// <summary>Throws unless a promise was kept.</summary>
    /// <param name="kept">Whether it was.</param>
    /// <param name="promise">What it says, as "X does Y".</param>
    public static void Require(bool kept, string promise)
    {
        if (!kept) throw new FuzzViolationException($"not true: {promise}");
    }
}
