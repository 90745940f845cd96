// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Signal numbers that are the same on every processor Linux runs .NET on (signal(7)).</summary>
public enum Signal
{
    /// <summary>No signal: only asks whether the process exists.</summary>
    None = 0,

    /// <summary>SIGHUP.</summary>
    Hangup = 1,

    /// <summary>SIGINT.</summary>
    Interrupt = 2,

    /// <summary>SIGKILL: cannot be caught.</summary>
    Kill = 9,

    /// <summary>SIGTERM.</summary>
    Terminate = 15,

    /// <summary>SIGCONT: go on after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>SIGSTOP: freezes a process; cannot be caught.</summary>
    Stop = 19,
}
