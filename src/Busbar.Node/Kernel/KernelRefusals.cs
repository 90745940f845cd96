// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>The kernel's error numbers in our words, with the remedy.</summary>
internal static class KernelRefusals
{
    public const string NoMctp = "this kernel has no AF_MCTP; it needs CONFIG_MCTP=y (Busbar's own stack needs no kernel support)";

    public static HostException Of(LinuxException failure, string what)
    {
        (HostError error, string reason) = failure.Errno switch
        {
            Errno.EPERM or Errno.EACCES => (HostError.NotPermitted, "it needs CAP_NET_ADMIN; run as root"),
            Errno.EEXIST => (HostError.Exists, "it is there already"),
            Errno.ENOENT or Errno.ESRCH => (HostError.NotFound, "there is no such entry"),
            Errno.ENODEV or Errno.ENXIO => (HostError.NotFound, "there is no such interface, or it carries no MCTP"),
            Errno.EINVAL => (HostError.Invalid, "the kernel takes no such value here"),
            Errno.EAFNOSUPPORT => (HostError.NotSupported, NoMctp),
            Errno.EOPNOTSUPP => (HostError.NotSupported, "this kernel cannot do it"),
            Errno.ETIMEDOUT => (HostError.Unreachable, "the kernel did not answer in time"),
            Errno.EPIPE or Errno.ECONNRESET => (HostError.Unreachable, "the other end is gone"),
            _ => (HostError.Failed, failure.Message),
        };
        string? words = Words(failure);
        return new HostException(error, words is null ? $"{what} failed: {reason}" : $"{what} failed: {reason} ({words})", failure);
    }

    public static SendStatus Translate(Errno errno, bool isExtended) => errno switch
    {
        Errno.None => SendStatus.Ok,
        Errno.EACCES or Errno.EPERM => SendStatus.NotPermitted,
        Errno.EHOSTUNREACH or Errno.ENETUNREACH => SendStatus.NoRoute,
        Errno.EBUSY => SendStatus.NoTag,
        Errno.ENOENT => SendStatus.TagNotAllocated,
        Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE => SendStatus.WouldBlock,
        Errno.ENETDOWN or Errno.EIO or Errno.ENXIO => SendStatus.LinkDown,
        Errno.ENODEV => SendStatus.NoLink,
        Errno.EMSGSIZE => SendStatus.TooLong,
        Errno.EBADF or Errno.EPIPE or Errno.ECONNRESET => SendStatus.Closed,
        _ => isExtended ? SendStatus.NoLink : SendStatus.BadAddress,
    };

    // The netlink room puts what the kernel says in words into brackets at the end of its own sentence.
    private static string? Words(LinuxException failure)
    {
        int open = failure.Detail.EndsWith(')') ? failure.Detail.LastIndexOf('(') : -1;
        return open < 0 ? null : failure.Detail[(open + 1)..^1];
    }
}
