// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Endpoints;

/// <summary>How a bench responder answers a command (mctp-bench).</summary>
public enum BenchStatus : byte
{
    /// <summary>Accepted.</summary>
    Ok = 0,

    /// <summary>Refused for a reason that the other values do not name, for instance too many runs at once.</summary>
    Other = 1,

    /// <summary>The command is not known.</summary>
    UnknownCommand = 2,

    /// <summary>An argument is out of range.</summary>
    BadArgument = 3,
}
