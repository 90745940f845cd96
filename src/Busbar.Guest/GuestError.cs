// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Guest;

/// <summary>What went wrong with a guest.</summary>
public enum GuestError
{
    /// <summary>QEMU, the kernel or the initramfs is not there; the message names the remedy.</summary>
    ImageMissing,

    /// <summary>QEMU did not start, or ended while starting; the message holds what it said.</summary>
    StartFailed,

    /// <summary>Nothing came within the limit.</summary>
    TimedOut,

    /// <summary>The guest, its agent or the command ended before what was waited for.</summary>
    Ended,

    /// <summary>The agent in the guest refused a command.</summary>
    Refused,

    /// <summary>A command that had to succeed did not.</summary>
    CommandFailed,

    /// <summary>QEMU's monitor answered with an error.</summary>
    MonitorError,
}
