// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node.Tests;

/// <summary>A folder for one test's files, in shared memory; short, because socket paths must be.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateDirectory($"/dev/shm/bb-{Guid.NewGuid():N}"[..20]);

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public string[] Files() => [.. _folder.EnumerateFileSystemInfos().Select(entry => entry.Name)];

    public void Dispose() => _folder.Delete(recursive: true);
}
