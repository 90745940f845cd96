// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Devices;

/// <summary>Where the host of an emulated device rings.</summary>
public enum DoorbellPlace
{
    /// <summary>SET of the instance's pair in a mailbox block.</summary>
    Mailbox,

    /// <summary>A byte in the last 8 of the window, as the descriptor says. Its hosts ring without fail.</summary>
    WindowEnd,

    /// <summary>The byte behind the descriptor, which no descriptor mentions: some versions of its drivers write it, others ring nothing.</summary>
    BehindDescriptor,
}
