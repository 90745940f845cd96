// SPDX-License-Identifier: Apache-2.0
using System.Xml.Linq;
using Busbar.TestKit;

namespace Busbar.Architecture;

/// <summary>The checked-out tree, as the architecture tests read it.</summary>
internal static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = SourceTree.Root;

    /// <summary>Every project under src: its name and what it references.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ProductReferences { get; } =
        Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).ToDictionary(
            project => Path.GetFileNameWithoutExtension(project)!,
            project => (IReadOnlyList<string>)[.. XDocument.Load(project).Descendants("ProjectReference").Select(ReferencedName)]);

    /// <summary>Hand-written files with one of the endings, relative to the root with forward slashes.</summary>
    /// <param name="endings">For instance ".cs".</param>
    public static IEnumerable<string> Files(params string[] endings) =>
        Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or ".git" or "BenchmarkDotNet.Artifacts"))
            .Where(path => endings.Any(path.EndsWith));

    /// <summary>The lines of one file.</summary>
    /// <param name="relative">As <see cref="Files"/> gives it.</param>
    public static string[] Lines(string relative) => File.ReadAllLines(Path.Combine(Root, relative));

    private static string ReferencedName(XElement reference) =>
        Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));
}
