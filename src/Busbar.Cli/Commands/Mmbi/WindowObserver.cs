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

    private WindowObserver(IDisposable source, SharedRegion region, long length)
    {
        _source = source;
        Region = region;
        Length = length;
    }

    /// <summary>The part of the memory that MMBI uses.</summary>
    public SharedRegion Region { get; }

    /// <summary>Bytes of the whole memory.</summary>
    public long Length { get; }

    /// <summary>True when the last page of the memory is a rendezvous page.</summary>
    public bool HasRendezvousPage => Region.Length != Length;

    public static WindowObserver Open(LinkSpec spec) => spec.Window == WindowKind.Ivshmem ? OpenIvshmem(spec) : OpenFile(spec);

    public void Dispose()
    {
        Region.Dispose();
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
            return new WindowObserver(file, file.Map(readOnly: true), file.Size);
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

        try
        {
            long length = client.Memory.Size;
            using SharedRegion whole = client.Memory.Map(readOnly: true);
            bool hasPage = length > RendezvousPage.Size && new RendezvousPage(whole).IsPresent;
            int usable = hasPage ? (int)length - RendezvousPage.Size : (int)length;
            return new WindowObserver(client, client.Memory.Map(usable, readOnly: true), length);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}
