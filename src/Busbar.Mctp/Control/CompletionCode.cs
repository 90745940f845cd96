// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Completion codes of control responses (DSP0236, completion code table). Values without a name survive as they are.</summary>
public enum CompletionCode : byte
{
    /// <summary>Done.</summary>
    Success = 0x00,

    /// <summary>It failed for a reason that no other code says.</summary>
    Error = 0x01,

    /// <summary>A field has a value that cannot be accepted.</summary>
    InvalidData = 0x02,

    /// <summary>The request is shorter or longer than its command asks for.</summary>
    InvalidLength = 0x03,

    /// <summary>Come back later.</summary>
    NotReady = 0x04,

    /// <summary>The command is unknown or not supported.</summary>
    UnsupportedCommand = 0x05,

    /// <summary>First code whose meaning belongs to the command; for Get MCTP Version Support "message type not supported", for Routing Information Update "no room".</summary>
    CommandSpecific = 0x80,
}
