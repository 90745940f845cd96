// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Guest;

/// <summary>What a frame between the harness and the agent says. The numbers are the protocol; both ends come from one source tree.</summary>
internal enum FrameKind : byte
{
    /// <summary>Harness: are you there? Answered by <see cref="Hello"/>.</summary>
    Ping = 1,

    /// <summary>Harness: run the payload, UTF-8, with a shell; the channel names the command from now on.</summary>
    Start = 2,

    /// <summary>Harness: bytes for the command's input.</summary>
    Input = 3,

    /// <summary>Harness: the command's input ends.</summary>
    InputEnd = 4,

    /// <summary>Harness: send the signal whose number is the payload's one byte to the command and all it started.</summary>
    Kill = 5,

    /// <summary>Agent: I am here; the payload is my process id (u32), so that a new agent is not taken for the old one.</summary>
    Hello = 65,

    /// <summary>Agent: bytes that the command printed.</summary>
    Output = 66,

    /// <summary>Agent: bytes that the command printed as errors.</summary>
    Error = 67,

    /// <summary>Agent: this many bytes (u32) of input reached the command or were dropped because it reads no more.</summary>
    InputTaken = 68,

    /// <summary>Agent: the command ended; exit code (i32), 128 plus the signal's number after a signal.</summary>
    Exit = 69,

    /// <summary>Agent: the command could not be started, or what was asked makes no sense; UTF-8 reason. Ends the channel.</summary>
    Refused = 70,
}
