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
        using Linux.Terminal terminal = Linux.Terminal.Open(path);
        try
        {
            terminal.SetLineDiscipline(Linux.Terminal.MctpLineDiscipline);
        }
        catch (LinuxException refused) when (refused.Errno == Errno.EINVAL)
        {
            throw new HostException(
                HostError.NotSupported,
                $"'{path}' cannot become an MCTP link: this kernel has no such line discipline; it needs CONFIG_MCTP_SERIAL (modprobe mctp-serial)",
                refused);
        }

        using var never = new ManualResetEventSlim();
        never.Wait();
    }

    public void Dispose() => _kernel.Dispose();
}
