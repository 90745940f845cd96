// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What a <see cref="Poller"/> waits for, and what it found.</summary>
[Flags]
public enum PollEvents
{
    /// <summary>Nothing; hang-ups and errors are reported all the same.</summary>
    None = 0,

    /// <summary>A read would not block (data, a ring, a connection to accept, or the end of a stream).</summary>
    Readable = 1,

    /// <summary>A write would not block.</summary>
    Writable = 2,

    /// <summary>Result only: the other end is gone. Data may still be there to read.</summary>
    HangUp = 4,

    /// <summary>Result only: the descriptor is in error.</summary>
    Error = 8,
}
