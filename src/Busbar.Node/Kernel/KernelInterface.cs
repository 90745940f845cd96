// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// A network interface that the kernel's MCTP sees and whose other end is a link of ours: made, configured by rtnetlink, and gone when its attachment is
/// disposed, with everything that was configured on it.
/// </summary>
/// <remarks>
/// One thread at a time. The carrier is off until <see cref="LinkIsUp"/>. Sockets of this process that hold tags toward the interface must be closed before
/// the attachment.
/// </remarks>
public sealed class KernelInterface : IDisposable
{
    private readonly MctpNetlink _netlink;
    private readonly KernelInterfaceOptions _options;

    private KernelInterface(KernelAttachment attachment, MctpNetlink netlink, KernelInterfaceOptions options)
    {
        Attachment = attachment;
        _netlink = netlink;
        _options = options;
        Mtu = Clamp(options.Mtu ?? int.MaxValue);
    }

    /// <summary>The interface as a link; whoever adds it to a node leaves its end to the node.</summary>
    public KernelAttachment Attachment { get; }

    /// <summary>The interface's name.</summary>
    public string Name => Attachment.Name;

    /// <summary>The interface's index.</summary>
    public int Index => Attachment.Index;

    /// <summary>The MTU that the interface has now.</summary>
    public int Mtu { get; private set; }

    /// <summary>Refuses what would fail later, before anything is made.</summary>
    /// <param name="name">The interface's name.</param>
    /// <exception cref="MctpException">As for <see cref="Create"/>.</exception>
    public static void EnsurePossible(string name)
    {
        if (!InterfaceName.IsValid(name))
            throw new MctpException(MctpError.BadConfiguration, $"'{name}' is no name for a network interface; write 1 to 15 letters or digits, for instance mctpmmbi0");
        KernelMctp.Open();
        if (InterfaceName.TryFindIndex(name, out _))
            throw new MctpException(MctpError.AddressInUse, $"a network interface '{name}' is there already; choose another name");
    }

    /// <summary>Makes the interface and configures it; its carrier is off, or it is down where it has none.</summary>
    /// <param name="options">What it looks like.</param>
    /// <exception cref="MctpException">
    /// <see cref="MctpError.MissingFacility"/> no AF_MCTP, no TUN or line discipline, or no CAP_NET_ADMIN; <see cref="MctpError.AddressInUse"/> the name is taken;
    /// <see cref="MctpError.BadConfiguration"/> the kernel refuses a setting.
    /// </exception>
    public static KernelInterface Create(KernelInterfaceOptions options)
    {
        EnsurePossible(options.Name);
        MctpNetlink? netlink = null;
        KernelAttachment? attachment = null;
        try
        {
            netlink = new MctpNetlink();
            attachment = options.Kind == KernelInterfaceKind.Serial
                ? new LineDisciplineAttachment(MctpSerialDevice.Create(options.Name, netlink))
                : new TunAttachment(TunDevice.Create(options.Name));
            var made = new KernelInterface(attachment, netlink, options);
            made.Configure();
            return made;
        }
        catch (Exception failure)
        {
            netlink?.Dispose();
            attachment?.Dispose();
            if (failure is LinuxException refusal) throw Refusal(refusal, options.Name);
            throw;
        }
    }

    /// <summary>The link behind the interface is up: gives the interface its MTU, unless the user chose one, and lets the kernel send.</summary>
    /// <param name="linkMtu">The link's largest packet.</param>
    /// <exception cref="MctpException">The kernel refuses.</exception>
    public void LinkIsUp(int linkMtu) => Do(() =>
    {
        int mtu = Clamp(Math.Min(_options.Mtu ?? int.MaxValue, linkMtu));
        if (mtu != Mtu) _netlink.SetMtu(Index, mtu);
        Mtu = mtu;
        Attachment.SetCarrier(_netlink, on: true);
    });

    /// <summary>The link behind the interface is down: keeps the kernel from sending.</summary>
    /// <exception cref="MctpException">The kernel refuses.</exception>
    public void LinkIsDown() => Do(() => Attachment.SetCarrier(_netlink, on: false));

    /// <summary>Adds a route to the interface.</summary>
    /// <param name="range">EIDs that it leads to.</param>
    /// <exception cref="MctpException">The kernel refuses.</exception>
    public void AddRoute(EidRange range) =>
        Do(() => _netlink.AddRoute(new NetlinkRoute { First = range.First.Value, Last = range.Last.Value, Interface = Index }));

    /// <summary>Removes the interface, if its node has not done so already.</summary>
    public void Dispose()
    {
        Attachment.Dispose();
        _netlink.Dispose();
    }

    private static MctpException Refusal(LinuxException failure, string name) => failure.Errno switch
    {
        Errno.EPERM or Errno.EACCES => new(MctpError.MissingFacility, $"making the network interface '{name}' needs CAP_NET_ADMIN; run as root ({failure.Message})", failure),
        Errno.ENOENT or Errno.ENODEV or Errno.ENXIO when failure.Call == "open" && failure.Detail.Contains(TunDevice.DevicePath, StringComparison.Ordinal) => new(
            MctpError.MissingFacility,
            $"there is no {TunDevice.DevicePath}; the kernel needs CONFIG_TUN (modprobe tun) and the device node, or use '--via serial' (CONFIG_MCTP_SERIAL, packets of 68 bytes)",
            failure),
        Errno.EINVAL when failure.Call == "TIOCSETD" => new(
            MctpError.MissingFacility,
            $"this kernel has no line discipline {Terminal.MctpLineDiscipline}; it needs CONFIG_MCTP_SERIAL (modprobe mctp-serial), or use '--via tun'",
            failure),
        Errno.ENODEV when failure.Call == "TIOCSETD" => new(MctpError.MissingFacility, $"interface '{name}': {failure.Detail}; use '--via tun'", failure),
        Errno.EBUSY or Errno.EEXIST when failure.Call == "TUNSETIFF" => NameTaken(name, failure),
        Errno.EEXIST when InterfaceName.TryFindIndex(name, out _) && failure.Detail.StartsWith("Renaming", StringComparison.Ordinal) => NameTaken(name, failure),
        Errno.EEXIST or Errno.EINVAL => new(MctpError.BadConfiguration, $"interface '{name}': {failure.Message}", failure),
        _ => new(MctpError.MissingFacility, $"interface '{name}': {failure.Message}", failure),
    };

    private static MctpException NameTaken(string name, LinuxException failure) =>
        new(MctpError.AddressInUse, $"a network interface '{name}' is there already; choose another name", failure);

    private int Clamp(int mtu) => Math.Clamp(mtu, Attachment.SmallestMtu, Attachment.LargestMtu);

    private void Do(Action change)
    {
        try
        {
            change();
        }
        catch (LinuxException failure)
        {
            throw Refusal(failure, Name);
        }
    }

    private void Configure()
    {
        if (_options.Mtu is { } wanted && wanted != Mtu)
        {
            throw new MctpException(
                MctpError.BadConfiguration,
                Attachment.SmallestMtu == Attachment.LargestMtu
                    ? $"interface '{Name}' has an MTU of {Mtu} and takes no other; leave {wanted} out"
                    : $"interface '{Name}' takes an MTU from {Attachment.SmallestMtu} to {Attachment.LargestMtu}, and not {wanted}");
        }

        SilenceIpv6();
        _netlink.SetQueueLength(Index, _options.QueueLength);
        _netlink.SetMtu(Index, Mtu);
        if (_options.Network is { } network) _netlink.SetNetwork(Index, network);
        Attachment.Begin(_netlink);
        if (_options.LocalEid != Eid.Null) _netlink.AddAddress(new NetlinkAddress(Index, _options.LocalEid.Value));
        foreach (EidRange range in _options.Routes) AddRoute(range);
    }

    // An interface that comes up greets the neighbours in IPv6, which means nothing on this medium; what comes all the same is dropped and counted.
    private void SilenceIpv6()
    {
        try
        {
            string setting = $"/proc/sys/net/ipv6/conf/{Name}/disable_ipv6";
            if (File.Exists(setting)) File.WriteAllText(setting, "1");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // /proc may be read-only in a container.
        }
    }
}
