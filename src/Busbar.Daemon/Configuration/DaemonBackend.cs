// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>What a daemon stands on.</summary>
public enum DaemonBackend
{
    /// <summary>Busbar's own stack; needs nothing of the kernel.</summary>
    User,

    /// <summary>The kernel's AF_MCTP and rtnetlink.</summary>
    Kernel,
}
