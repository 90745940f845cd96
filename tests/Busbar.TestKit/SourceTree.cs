// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <summary>The source tree that the test program was built in.</summary>
public static class SourceTree
{
    /// <summary>Its folder; null when the program runs elsewhere.</summary>
    public static string? Found { get; } = Find();

    /// <summary>Its folder.</summary>
    /// <exception cref="InvalidOperationException">The program runs elsewhere.</exception>
    public static string Root => Found ?? throw new InvalidOperationException("Busbar.slnx was not found above the test program.");

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Busbar.slnx"))) return folder.FullName;
        }

        return null;
    }
}
