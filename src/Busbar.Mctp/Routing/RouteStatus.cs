// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What became of a change to the route table.</summary>
public enum RouteStatus
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>The same range is routed already (EEXIST in Linux).</summary>
    Exists,

    /// <summary>The range is not within 8..254, the MTU is below the baseline, or there is neither link nor gateway (EINVAL in Linux).</summary>
    Invalid,

    /// <summary>The network does not exist, or the link belongs to another one.</summary>
    NoNetwork,
}
