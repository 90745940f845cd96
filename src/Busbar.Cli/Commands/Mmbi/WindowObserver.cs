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

    private WindowObserver(IDisposable source, SharedRegion region, bool hasRendezvousPage)
    {
        _source = source;
        Region = region;
        HasRendezvousPage = hasRendezvousPage;
    }

    /// <summary>The whole memory.</summary>
    public SharedRegion Region { get; }

    /// <summary>True when the last page of the memory is a rendezvous page.</summary>
    public bool HasRendezvousPage { get; }

    public static WindowObserver Open(MmbiLinkSpec spec) => spec.Window switch
    {
        WindowKind.Ivshmem => OpenIvshmem(spec),
        WindowKind.Pci or WindowKind.VfioUser => throw new CommandException(ExitCode.Usage, $"link '{spec.Text}': a PCI function has one driver at a time, so it cannot be watched; show the other end's window"),
        _ => OpenFile(spec),
    };

    public void Dispose()
    {
        Region.Dispose();
        _source.Dispose();
    }

    private static WindowObserver OpenFile(MmbiLinkSpec spec)
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
            return new WindowObserver(file, file.Map(readOnly: true), hasRendezvousPage: false);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static WindowObserver OpenIvshmem(MmbiLinkSpec spec)
    {
        IvshmemClient client;
        try
        {
            client = IvshmemClient.Connect(spec.Path, ConnectLimitMs, spec.TrustsMemory);
        }
        catch (IvshmemProtocolException refusal) when (refusal.Fault == IvshmemFault.UnsafeMemory)
        {
            throw new CommandException(ExitCode.Usage, $"link '{spec.Text}': {refusal.Message} Take 'busbar ivshmem-server', or say trust=on", refusal);
        }
        catch (LinuxException nobody) when (nobody.Errno is Errno.ENOENT or Errno.ECONNREFUSED)
        {
            throw new CommandException(ExitCode.Unreachable, $"link '{spec.Text}': nobody serves '{spec.Path}'; start the owner first", nobody);
        }

        try
        {
            SharedRegion mapping = client.Memory.Map(readOnly: true);
            bool hasPage = mapping.Length > RendezvousPage.Size && new RendezvousPage(mapping).IsPresent;
            return new WindowObserver(client, mapping, hasPage);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}
