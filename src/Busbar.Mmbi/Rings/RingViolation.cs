// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>What a peer can do to a ring that makes reading on pointless: the stream has lost its packet boundaries.</summary>
public enum RingViolation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The write pointer lies outside the ring or passed our read pointer.</summary>
    WritePointer,

    /// <summary>A packet header has impossible lengths or describes more than was written.</summary>
    Header,
}
