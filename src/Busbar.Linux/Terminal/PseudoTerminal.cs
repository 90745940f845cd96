// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// The master of a pseudo terminal; whoever opens its slave has a terminal whose bytes come and go here. The slave is raw from the beginning and stays so while it
/// has no user. The pair exists as long as this object.
/// </summary>
public sealed unsafe class PseudoTerminal : IDisposable
{
    private const string MasterPath = "/dev/ptmx";

    private PseudoTerminal(FileDescriptor descriptor, string slavePath)
    {
        Descriptor = descriptor;
        SlavePath = slavePath;
        Stream = new ByteStream(descriptor);
    }

    /// <summary>The device file of the slave, <c>/dev/pts/N</c>.</summary>
    public string SlavePath { get; }

    /// <summary>The master's descriptor, for polling: hung up while the slave has no user.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The bytes. Reading finds the end whenever the slave's last user closes it; <see cref="Reopen"/> gives a fresh one.</summary>
    public ByteStream Stream { get; private set; }

    /// <summary>True while somebody has the slave open.</summary>
    public bool HasUser
    {
        get
        {
            if (Descriptor.IsClosed) return false;
            using var poller = new Poller(capacity: 1);
            poller.Add(Descriptor, PollEvents.None);
            Span<PollReady> ready = stackalloc PollReady[1];
            return poller.Wait(0, ready) == 0;
        }
    }

    /// <summary>Makes a pair.</summary>
    /// <exception cref="LinuxException">The system has no pseudo terminals, or none left (ENOENT, ENOSPC), or no descriptor is free.</exception>
    public static PseudoTerminal Create()
    {
        FileDescriptor master = FilePath.TryOpen(MasterPath, NativeFile.O_RDWR | NativeFile.O_NONBLOCK | NativeTerminal.O_NOCTTY)
            ?? throw LinuxException.Last("open", $"Opening {MasterPath} failed");
        try
        {
            int unlocked = 0;
            int number = 0;

            // SAFETY: each request reads or writes one int on this stack.
            LinuxException.Check(NativeDevice.Ioctl(master, NativeTerminal.TIOCSPTLCK, &unlocked), "TIOCSPTLCK", "Unlocking a pseudo terminal failed");
            LinuxException.Check(NativeDevice.Ioctl(master, NativeTerminal.TIOCGPTN, &number), "TIOCGPTN", "Finding the number of a pseudo terminal failed");
            string slave = $"/dev/pts/{number}";

            // The kernel reports "no user" only after there has been one.
            using FileDescriptor? first = FilePath.TryOpen(slave, NativeFile.O_RDWR | NativeFile.O_NONBLOCK | NativeTerminal.O_NOCTTY)
                ?? throw LinuxException.Last("open", $"Opening {slave} failed");
            Terminal.SetRaw(first, slave, baud: null);
            return new PseudoTerminal(master, slave);
        }
        catch
        {
            master.Dispose();
            throw;
        }
    }

    /// <summary>Forgets that the last user hung up, and what that user had not read. What a next user has written already is kept.</summary>
    public void Reopen()
    {
        _ = NativeDevice.Ioctl(Descriptor, NativeTerminal.TCFLSH, (nint)NativeTerminal.TCOFLUSH);
        Stream = new ByteStream(Descriptor);
    }

    /// <summary>Ends the pair; the slave's users read its end.</summary>
    public void Dispose() => Descriptor.Dispose();
}
