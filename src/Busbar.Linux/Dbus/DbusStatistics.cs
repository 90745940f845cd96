// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What a <see cref="DbusConnection"/> counted since it was opened.</summary>
public sealed class DbusStatistics
{
    /// <summary>Method calls that arrived.</summary>
    public long Calls { get; internal set; }

    /// <summary>Calls that were answered with an error.</summary>
    public long ErrorsAnswered { get; internal set; }

    /// <summary>Calls refused because their caller, or all callers together, had too many open.</summary>
    public long CallsRefused { get; internal set; }

    /// <summary>Signals emitted.</summary>
    public long SignalsSent { get; internal set; }

    /// <summary>Answers and signals thrown away because the bus took nothing for too long.</summary>
    public long MessagesDropped { get; internal set; }

    /// <summary>Handlers that failed with something else than an answer; a mistake of the program's.</summary>
    public long HandlerFailures { get; internal set; }
}
