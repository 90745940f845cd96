// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A test harness that plays the kernel, its clock included.</summary>
public sealed class HarnessFacilities : IKernelFacilities
{
    private readonly HarnessConnection _harness;
    private readonly List<HarnessClock> _clocks = [];

    /// <summary>Uses a harness.</summary>
    /// <param name="harness">Disposed with this object.</param>
    public HarnessFacilities(HarnessConnection harness)
    {
        ArgumentNullException.ThrowIfNull(harness);
        _harness = harness;
    }

    /// <inheritdoc/>
    public bool JudgesSends => false;

    /// <inheritdoc/>
    public IMctpDatagrams OpenMctp() => _harness.OpenMctp();

    /// <inheritdoc/>
    public INetlinkChannel OpenNetlink() => _harness.OpenNetlink();

    /// <inheritdoc/>
    public TimeProvider TimeFor(EventLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        foreach (HarnessClock clock in _clocks)
        {
            if (clock.Loop == loop) return clock;
        }

        var made = new HarnessClock(loop, _harness.OpenTimer);
        _clocks.Add(made);
        return made;
    }

    /// <inheritdoc/>
    public string? DevicePath(string interfaceName) => _harness.DevicePath(interfaceName);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HarnessClock clock in _clocks) clock.Dispose();
        _clocks.Clear();
        _harness.Dispose();
    }
}
