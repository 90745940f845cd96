// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Fuzz;

/// <summary>The files in <c>Seeds</c>: good inputs, and former findings that must stay fixed.</summary>
internal static class Seeds
{
    /// <summary>Reads a target's seeds, in the order of their names.</summary>
    /// <param name="target">The target's name.</param>
    public static IReadOnlyList<byte[]> Of(string target)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Seeds", target);
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.bin").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];
    }

    /// <summary>Writes every target's samples below a folder; other files there are left alone.</summary>
    /// <param name="folder">Usually <c>tests/Busbar.Fuzz/Seeds</c>.</param>
    public static void Write(string folder)
    {
        foreach (IFuzzTarget target in FuzzTargets.All)
        {
            string place = Path.Combine(folder, target.Name);
            Directory.CreateDirectory(place);
            foreach ((string name, byte[] input) in target.Samples()) File.WriteAllBytes(Path.Combine(place, name + ".bin"), input);
        }
    }
}
