// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Busbar.TestKit;

namespace Busbar.Fuzz;

/// <summary>An input that breaks a target, saved for replay.</summary>
internal sealed record FuzzFinding(string Target, int Seed, long Number, byte[] Input, string Reason)
{
    /// <summary>Where findings are kept: below the repository when the program runs in one.</summary>
    public static string Folder => Path.Combine(SourceTree.Found ?? Environment.CurrentDirectory, "artifacts", "fuzz");

    /// <summary>Writes the input to a file and says in one line how to replay it.</summary>
    public string Save()
    {
        string folder = Path.Combine(Folder, Target);
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Input))[..16] + ".bin");
        File.WriteAllBytes(path, Input);
        return $"{Target}: input {Number} of seed {Seed}: {Reason.ReplaceLineEndings(" ")}; replay: {Environment.ProcessPath} replay {Target} {path}";
    }
}
