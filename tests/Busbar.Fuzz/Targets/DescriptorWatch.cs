// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Fuzz;

/// <summary>
/// Notices descriptors that a target loses, input by input. The count is the whole process's, and the rigs of other targets stay open: so the first input of a
/// target after another one's sets the level that the following ones must keep.
/// </summary>
internal static class DescriptorWatch
{
    // Descriptors may close a moment after the input that opened them.
    private const int ToSpare = 60;

    private static readonly Lock s_lock = new();
    private static IFuzzTarget? s_watched;
    private static int s_level;

    /// <summary>Looks, at the end of one input.</summary>
    /// <param name="target">Whose input it was.</param>
    /// <exception cref="FuzzViolationException">There are many more descriptors than when the target's turn began.</exception>
    public static void Check(IFuzzTarget target)
    {
        int count = Directory.GetFiles("/proc/self/fd").Length;
        lock (s_lock)
        {
            if (!ReferenceEquals(s_watched, target)) (s_watched, s_level) = (target, count);
            FuzzViolationException.Require(count < s_level + ToSpare, "no descriptors are lost");
        }
    }
}
