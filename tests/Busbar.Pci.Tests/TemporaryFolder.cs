// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci.Tests;

/// <summary>A folder for one test's files; short, because socket paths must be.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bb-");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
