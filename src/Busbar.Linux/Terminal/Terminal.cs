// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A terminal device that carries bytes as they are: a serial port, or the slave of a pseudo terminal. Reads and writes never wait.</summary>
public sealed unsafe class Terminal : IDisposable
{
    /// <summary>The line discipline of Linux that makes a terminal an MCTP interface (N_MCTP, linux/tty.h).</summary>
    public const int MctpLineDiscipline = 28;

    private Terminal(FileDescriptor descriptor, string path)
    {
        Descriptor = descriptor;
        Path = path;
        Stream = new ByteStream(descriptor);
    }

    /// <summary>The device file.</summary>
    public string Path { get; }

    /// <summary>The descriptor, for polling.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The bytes.</summary>
    public ByteStream Stream { get; }

    /// <summary>Opens a device and makes it raw; it does not become the process's controlling terminal.</summary>
    /// <param name="path">For instance <c>/dev/ttyS0</c>.</param>
    /// <param name="baud">Bits per second; null to leave the speed as it is.</param>
    /// <exception cref="LinuxException">
    /// ENOENT, EACCES, ENXIO: there is none, it is not allowed, or no port is behind it. ENOTTY: it is no terminal. EBUSY: another process of ours has it. EINVAL: the
    /// port does not know the speed.
    /// </exception>
    public static Terminal Open(string path, int? baud = null)
    {
        FileDescriptor descriptor = FilePath.TryOpen(path, NativeFile.O_RDWR | NativeFile.O_NONBLOCK | NativeTerminal.O_NOCTTY)
            ?? throw LinuxException.Last("open", $"Opening the terminal '{path}' failed");
        try
        {
            SetRaw(descriptor, path, baud);

            // Two readers of one port would each get half of the bytes; a lock is what serial programs agree on. Some devices know no locks.
            if (NativeFile.LockWhole(descriptor, NativeFile.LOCK_EX | NativeFile.LOCK_NB) < 0 && NativeError.Last == Errno.EAGAIN)
                throw new LinuxException(Errno.EBUSY, "flock", $"Another process uses the terminal '{path}'");
            return new Terminal(descriptor, path);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Gives the bytes to another handler in the kernel. With <see cref="MctpLineDiscipline"/> an interface mctpserialN appears and stays as long as this object; it needs
    /// CAP_NET_ADMIN and a kernel with CONFIG_MCTP_SERIAL.
    /// </summary>
    /// <param name="discipline">Its number.</param>
    /// <exception cref="LinuxException">EPERM: no privilege. EINVAL: the kernel does not have it. EIO: the line is hung up.</exception>
    public void SetLineDiscipline(int discipline)
    {
        // SAFETY: the kernel reads one int from this stack.
        LinuxException.Check(
            NativeDevice.Ioctl(Descriptor, NativeTerminal.TIOCSETD, &discipline), "TIOCSETD", $"Setting line discipline {discipline} on '{Path}' failed");
    }

    /// <summary>Closes the device.</summary>
    public void Dispose() => Stream.Dispose();

    /// <summary>Eight bits, no parity, one stop bit, no flow control, no interpretation in either direction (8N1, raw).</summary>
    internal static void SetRaw(FileDescriptor descriptor, string path, int? baud)
    {
        TerminalSettings settings = default;

        // SAFETY: the structure is on this stack and as large as the kernel's.
        LinuxException.Check(NativeDevice.Ioctl(descriptor, NativeTerminal.TCGETS2, &settings), "TCGETS2", $"'{path}' has no terminal settings");
        settings.InputFlags = 0;
        settings.OutputFlags = 0;
        settings.LocalFlags = 0;
        uint speed = settings.ControlFlags & (NativeTerminal.CBAUD | (NativeTerminal.CBAUD << NativeTerminal.IBSHIFT));
        settings.ControlFlags = speed | NativeTerminal.CS8 | NativeTerminal.CREAD | NativeTerminal.CLOCAL;
        if (baud is { } bits)
        {
            settings.ControlFlags &= ~(NativeTerminal.CBAUD | (NativeTerminal.CBAUD << NativeTerminal.IBSHIFT));
            settings.ControlFlags |= NativeTerminal.BOTHER;
            settings.InputSpeed = settings.OutputSpeed = (uint)bits;
        }

        // With a minimum of one byte an empty queue is EAGAIN, so that zero can only mean that the line is hung up.
        settings.Characters[NativeTerminal.VMIN] = 1;
        settings.Characters[NativeTerminal.VTIME] = 0;

        // SAFETY: as above.
        LinuxException.Check(NativeDevice.Ioctl(descriptor, NativeTerminal.TCSETS2, &settings), "TCSETS2", $"Making the terminal '{path}' raw failed");
    }
}
