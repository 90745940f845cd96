// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Where the two processes of a lab meet: a folder of its own, removed at the end.</summary>
internal sealed class LabWindow : IDisposable
{
    private const string SharedMemory = "/dev/shm";

    private readonly DirectoryInfo _folder;

    public LabWindow(LabWindowOptions options)
    {
        _folder = options.Window == "shm" && Directory.Exists(SharedMemory)
            ? Directory.CreateDirectory(Path.Combine(SharedMemory, $"busbar-lab-{Environment.ProcessId}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)
            : Directory.CreateTempSubdirectory("busbar-lab-");
        string place = options.Window == "shm" ? $"mmbi:shm:{_folder.FullName}/window" : $"mmbi:ivshmem:{_folder.FullName}/lab.sock";
        string wait = options.Wait is null ? string.Empty : $",wait={options.Wait}";
        EndpointLink = $"{place},role=owner,dialect={options.Dialect.Name},size={options.Size}{wait}";
        OwnLink = $"{place},role=discoverer{wait}";
    }

    /// <summary>The LINK of the endpoint, who owns the window.</summary>
    public string EndpointLink { get; }

    /// <summary>The LINK of the lab, who discovers the window and its dialect.</summary>
    public string OwnLink { get; }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody cleaned up before us.
        }
    }
}
