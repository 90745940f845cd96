// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>The system itself: AF_MCTP, rtnetlink, the loop's own timers, /sys/class/net.</summary>
public sealed class SystemFacilities : IKernelFacilities
{
    // Control messages are short; thousands of them fit.
    private const int ReceiveBytes = 1 << 20;

    /// <inheritdoc/>
    public bool JudgesSends => true;

    /// <inheritdoc/>
    public IMctpDatagrams OpenMctp() => MctpKernelSocket.Open(ReceiveBytes);

    /// <inheritdoc/>
    public INetlinkChannel OpenNetlink() => new NetlinkSocket();

    /// <inheritdoc/>
    public TimeProvider TimeFor(EventLoop loop) => loop.Time;

    /// <inheritdoc/>
    public string? DevicePath(string interfaceName)
    {
        if (!InterfaceName.IsValid(interfaceName)) return null;
        try
        {
            // The link "device" leads to the device itself; software interfaces have none.
            string link = $"/sys/class/net/{interfaceName}/device";
            string? target = new FileInfo(link).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
            return target is null || !target.StartsWith("/sys/", StringComparison.Ordinal) ? null : Settled(interfaceName, target);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is kept; each socket belongs to who opened it.
    }

    // The link is relative to the interface's own folder, which /sys/class reaches by a link, too: take both away.
    private static string? Settled(string interfaceName, string target)
    {
        string? own = new DirectoryInfo($"/sys/class/net/{interfaceName}").ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        if (own is null) return target[4..];
        string? relative = new FileInfo($"/sys/class/net/{interfaceName}/device").LinkTarget;
        return relative is null ? target[4..] : Path.GetFullPath(Path.Combine(own, relative))[4..];
    }
}
