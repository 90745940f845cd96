// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>What the kernel back end needs of the system. The system itself is one implementation; a test harness that plays the kernel is another.</summary>
/// <remarks>One thread at a time. Failures are <see cref="LinuxException"/>s.</remarks>
public interface IKernelFacilities : IDisposable
{
    /// <summary>True when a send is answered with the kernel's own judgement; a harness only takes it.</summary>
    bool JudgesSends { get; }

    /// <summary>Opens an MCTP socket with extended addresses switched on.</summary>
    IMctpDatagrams OpenMctp();

    /// <summary>Opens an rtnetlink socket. A harness announces changes to the one that was opened last.</summary>
    INetlinkChannel OpenNetlink();

    /// <summary>Clock and timers whose callbacks run in a loop.</summary>
    /// <param name="loop">The loop.</param>
    TimeProvider TimeFor(EventLoop loop);

    /// <summary>Where an interface sits in the device tree.</summary>
    /// <param name="interfaceName">Its name.</param>
    /// <returns>The sysfs path of its device without <c>/sys</c>; null when it belongs to none.</returns>
    string? DevicePath(string interfaceName);
}
