// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Fuzz;

/// <summary>A short path for sockets, removed when the process ends.</summary>
internal static class ScratchFolder
{
    private static readonly Lazy<string> s_path = new(() =>
    {
        string path = Directory.CreateTempSubdirectory("bf-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(path, recursive: true);
        return path;
    });

    private static int s_files;

    /// <summary>A file name in the folder that nobody has had yet.</summary>
    /// <param name="prefix">How it begins.</param>
    public static string Fresh(string prefix) => File($"{prefix}{Interlocked.Increment(ref s_files)}");

    /// <summary>A file name in the folder.</summary>
    /// <param name="name">Unique among the targets.</param>
    public static string File(string name) => Path.Combine(s_path.Value, name);
}
