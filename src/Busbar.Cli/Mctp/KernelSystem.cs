// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The kernel's MCTP, or what a test harness puts in its place.</summary>
internal sealed class KernelSystem : IMctpSystem
{
    private readonly KernelConfiguration _kernel;

    private KernelSystem(KernelConfiguration kernel) => _kernel = kernel;

    public IMctpConfiguration Configuration => _kernel;

    /// <summary>Opens it.</summary>
    /// <exception cref="HostException">This kernel has no MCTP.</exception>
    public static IMctpSystem Open() => new KernelSystem(KernelConfiguration.Open());

    public void TraceTo(NetlinkMessageHandler trace) => _kernel.Heard = trace;

    public void Watch(NetlinkMessageHandler announced, Action? listening = null, Action? lost = null, CancellationToken stop = default)
    {
        using var loop = new EventLoop();
        HostException? failure = null;
        using KernelWatch watch = _kernel.Watch(
            loop,
            announced,
            reason =>
            {
                if (reason is Errno.ENOBUFS or Errno.EMSGSIZE)
                {
                    if (lost is not null) lost();
                    else Console.Error.WriteLine("some announcements were lost, because they came faster than they were read");
                    return;
                }

                failure = new HostException(HostError.Unreachable, $"the kernel announces nothing more ({reason})");
                loop.Stop();
            });
        using CancellationTokenRegistration stopping = stop.Register(loop.Stop);
        listening?.Invoke();
        loop.Run();
        if (failure is not null) throw failure;
    }

    public void HoldSerial(string path)
    {
        try
        {
            using Linux.Terminal terminal = Linux.Terminal.Open(path);
            terminal.SetLineDiscipline(Linux.Terminal.MctpLineDiscipline);
            using var never = new ManualResetEventSlim();
            never.Wait();
        }
        catch (LinuxException refused)
        {
            throw Refusal(path, refused);
        }
    }

    public void Dispose() => _kernel.Dispose();

    private static HostException Refusal(string path, LinuxException refused) => refused.Errno switch
    {
        Errno.EINVAL when refused.Call == "TIOCSETD" => new(
            HostError.NotSupported,
            $"'{path}' cannot become an MCTP link: this kernel has no such line discipline; it needs CONFIG_MCTP_SERIAL (modprobe mctp-serial)",
            refused),
        Errno.EPERM or Errno.EACCES when refused.Call == "TIOCSETD" => new(HostError.NotPermitted, $"'{path}' cannot become an MCTP link: it needs CAP_NET_ADMIN; run as root", refused),
        Errno.EPERM or Errno.EACCES => new(HostError.NotPermitted, $"the terminal '{path}' may not be opened; run as root", refused),
        Errno.ENOTTY => new(HostError.Invalid, $"'{path}' is no terminal; name a serial port, for instance /dev/ttyS1", refused),
        Errno.ENOENT or Errno.ENXIO or Errno.ENODEV or Errno.ENOTDIR => new(HostError.NotFound, $"there is no terminal '{path}'", refused),
        Errno.EBUSY => new(HostError.Exists, $"another process uses the terminal '{path}'", refused),
        _ => new(HostError.Failed, refused.Message, refused),
    };
}
