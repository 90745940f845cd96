// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// A network interface of the kernel's serial binding (line discipline N_MCTP, CONFIG_MCTP_SERIAL) whose line ends here: the discipline sits on the slave of a pseudo
/// terminal, and frames of DSP0253 come and go on the master. The interface exists as long as this object; however the process ends, the pseudo terminal goes, and the interface
/// with it.
/// </summary>
/// <remarks>
/// The driver (drivers/net/mctp/mctp-serial.c) sends a frame in pieces, the next one when the last was read; while nobody reads, packets stay in the interface's transmit queue. What
/// arrives while the interface is down it throws away without a word. It reports no carrier. Close every socket of this process that holds tags toward the interface first, as for
/// <see cref="TunDevice"/>.
/// </remarks>
public sealed class MctpSerialDevice : IDisposable
{
    // What the driver calls its interfaces, with a number behind it.
    private const string Prefix = "mctpserial";
    private const int Tries = 5;

    private readonly PseudoTerminal _pair;
    private readonly Terminal _slave;

    private MctpSerialDevice(PseudoTerminal pair, Terminal slave, NetlinkLink link, string name, InterfaceWatch watch)
    {
        _pair = pair;
        _slave = slave;
        Name = name;
        Index = link.Index;
        Mtu = link.Mtu;
        SmallestMtu = link.MinimumMtu > 0 ? link.MinimumMtu : link.Mtu;
        LargestMtu = link.MaximumMtu > 0 ? link.MaximumMtu : link.Mtu;
        Watch = watch;
    }

    /// <summary>The interface's name.</summary>
    public string Name { get; }

    /// <summary>The interface's index in this network namespace.</summary>
    public int Index { get; }

    /// <summary>The MTU that the interface began with, in bytes of MCTP packet, header included; 68 in all kernels that are known.</summary>
    public int Mtu { get; }

    /// <summary>The least MTU that it can be given.</summary>
    public int SmallestMtu { get; }

    /// <summary>The largest MTU that it can be given. A frame that is more than six bytes longer makes the kernel's receiver deaf.</summary>
    public int LargestMtu { get; }

    /// <summary>The line: what the kernel sends is read here, what is written here the kernel receives.</summary>
    public ByteStream Stream => _pair.Stream;

    /// <summary>Whether the interface is there and up.</summary>
    public InterfaceWatch Watch { get; }

    /// <summary>Makes an interface; it is down, with the driver's defaults (MTU 68, queue 1000).</summary>
    /// <param name="name">What it is to be called; see <see cref="InterfaceName.IsValid"/>.</param>
    /// <param name="netlink">For finding and renaming it.</param>
    /// <exception cref="LinuxException">
    /// EINVAL from TIOCSETD: the kernel has no such line discipline. EPERM: CAP_NET_ADMIN is missing, in the initial user namespace. ENOENT, ENOSPC: no pseudo terminals, or none left.
    /// EEXIST: the name is taken. ENODEV: the interface is in another network namespace, the first one. EAGAIN: others make such interfaces all the time.
    /// </exception>
    public static MctpSerialDevice Create(string name, MctpNetlink netlink)
    {
        ArgumentNullException.ThrowIfNull(netlink);
        for (int i = 0; i < Tries; i++)
        {
            if (TryCreate(name, netlink) is { } made) return made;
        }

        throw new LinuxException(Errno.EAGAIN, "TIOCSETD", $"Other programs make interfaces {Prefix}N at the same time, and which one is ours cannot be told; try again");
    }

    /// <summary>Takes the line away; the interface with its addresses and direct routes goes at once.</summary>
    public void Dispose()
    {
        Watch.Dispose();
        _slave.Dispose();
        _pair.Dispose();
    }

    // Null when somebody else made such an interface at the same moment. The driver tells nobody which interface belongs to which terminal.
    private static MctpSerialDevice? TryCreate(string name, MctpNetlink netlink)
    {
        HashSet<int> before = [.. netlink.Links().Select(link => link.Index)];
        PseudoTerminal pair = PseudoTerminal.Create();
        Terminal? slave = null;
        InterfaceWatch? watch = null;
        try
        {
            slave = Terminal.Open(pair.SlavePath);
            slave.SetLineDiscipline(Terminal.MctpLineDiscipline);
            NetlinkLink[] found = [.. netlink.Links().Where(link => !before.Contains(link.Index) && IsFresh(link.Name))];
            if (found.Length == 0)
            {
                throw new LinuxException(
                    Errno.ENODEV,
                    "TIOCSETD",
                    "The kernel makes interfaces for terminals in the first network namespace of the system only, and this process is in another");
            }

            if (found.Length == 1)
            {
                if (found[0].Name != name) netlink.Rename(found[0].Index, name);
                watch = new InterfaceWatch(found[0].Index);
                return new MctpSerialDevice(pair, slave, found[0], name, watch);
            }
        }
        catch
        {
            watch?.Dispose();
            slave?.Dispose();
            pair.Dispose();
            throw;
        }

        slave.Dispose();
        pair.Dispose();
        return null;
    }

    private static bool IsFresh(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name.AsSpan(Prefix.Length).IndexOfAnyExceptInRange('0', '9') < 0;
}
