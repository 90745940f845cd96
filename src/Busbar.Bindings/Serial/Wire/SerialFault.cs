// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>Why a serial receiver gave up what began like a frame.</summary>
public enum SerialFault
{
    /// <summary>The byte behind the flag is not revision 1: noise between frames, or another protocol.</summary>
    BadRevision,

    /// <summary>The byte count is 1 to 3, which holds no packet header. (Zero is no fault: it is how a burst of resynchronisation ends.)</summary>
    BadLength,

    /// <summary>A flag stands inside the packet: bytes of the frame were lost, or an escape was.</summary>
    EarlyFlag,

    /// <summary>An escape is followed by something that is never escaped.</summary>
    BadEscape,

    /// <summary>The check sequence does not match.</summary>
    BadCheck,

    /// <summary>Behind the check sequence stands no flag, although the check sequence matches.</summary>
    MissingFlag,
}
