// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon.Tests;

/// <summary>A folder for one test's files; short, because socket paths must be.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateDirectory($"/dev/shm/bd-{Guid.NewGuid():N}"[..20]);

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
