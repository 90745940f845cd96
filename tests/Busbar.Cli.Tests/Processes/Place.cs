// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli.Tests;

/// <summary>A folder of its own for sockets and windows.</summary>
internal sealed class Place : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("busbar-");

    public string Folder => _folder.FullName;

    public string Socket => Path.Combine(_folder.FullName, "s");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>A LINK on an ivshmem socket in the folder.</summary>
    public string Ivshmem(string options = "") => $"mmbi:ivshmem:{Socket}{options}";

    /// <summary>A LINK on a file in the folder.</summary>
    public string Shm(string options = "") => $"mmbi:shm:{File("window")}{options}";

    public void Dispose() => _folder.Delete(recursive: true);
}
