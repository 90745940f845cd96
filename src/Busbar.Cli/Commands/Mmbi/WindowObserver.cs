// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>A window mapped for reading only. Claims no role, so that nobody takes it for a peer.</summary>
internal sealed class WindowObserver : IDisposable
{
    private const int ConnectLimitMs = 1000;

    private readonly IDisposable _source;
    private readonly SharedRegion _mapping;

    private WindowObserver(IDisposable source, SharedRegion mapping, SharedRegion region)
    {
        _source = source;
        _mapping = mapping;
        Region = region;
    }

    /// <summary>The part of the memory that MMBI uses.</summary>
    public SharedRegion Region { get; }

    /// <summary>Bytes of the whole memory.</summary>
    public int Length => _mapping.Length;

    /// <summary>True when the last page of the memory is a rendezvous page.</summary>
    public bool HasRendezvousPage => Region.Length != _mapping.Length;

    public static WindowObserver Open(LinkSpec spec) => spec.Window == WindowKind.Ivshmem ? OpenIvshmem(spec) : OpenFile(spec);

    public void Dispose()
    {
        _mapping.Dispose();
        _source.Dispose();
    }

    private static WindowObserver OpenFile(LinkSpec spec)
    {
        MappedMemory file;
        try
        {
            file = MappedMemory.Open(spec.Path, readOnly: true);
        }
        catch (LinuxException missing) when (missing.Errno == Errno.ENOENT)
        {
            throw new CommandException(ExitCode.Unreachable, $"link '{spec.Text}': there is no file '{spec.Path}'; start the owner first, or check the name", missing);
        }

        try
        {
            if (file.Size == 0) throw new CommandException(ExitCode.Usage, $"link '{spec.Text}': the file is empty");
            SharedRegion mapping = file.Map(readOnly: true);
            return new WindowObserver(file, mapping, mapping);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static WindowObserver OpenIvshmem(LinkSpec spec)
    {
        IvshmemClient client;
        try
        {
            client = IvshmemClient.Connect(spec.Path, ConnectLimitMs);
        }
        catch (LinuxException nobody) when (nobody.Errno is Errno.ENOENT or Errno.ECONNREFUSED)
        {
            throw new CommandException(ExitCode.Unreachable, $"link '{spec.Text}': nobody serves '{spec.Path}'; start the owner first", nobody);
        }

        SharedRegion? mapping = null;
        try
        {
            mapping = client.Memory.Map(readOnly: true);
            bool hasPage = mapping.Length > RendezvousPage.Size && new RendezvousPage(mapping).IsPresent;
            return new WindowObserver(client, mapping, hasPage ? mapping.Slice(0, mapping.Length - RendezvousPage.Size) : mapping);
        }
        catch
        {
            mapping?.Dispose();
            client.Dispose();
            throw;
        }
    }
}
