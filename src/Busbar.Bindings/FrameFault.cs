// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What is wrong with a frame of one of the bindings.</summary>
public enum FrameFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It ends before its fixed part does.</summary>
    TooShort,

    /// <summary>More bytes follow than its length says.</summary>
    TrailingBytes,

    /// <summary>Its length is more than is there.</summary>
    Truncated,

    /// <summary>Its length is below that of a packet header, or above what the binding allows.</summary>
    BadLength,

    /// <summary>Its check does not match.</summary>
    BadCheck,

    /// <summary>The number that names MCTP in this binding is another: SMBus command code, DMTF identifier, vendor, signature, defining body.</summary>
    BadIdentifier,

    /// <summary>An address has the wrong direction bit, or is no address.</summary>
    BadAddress,

    /// <summary>It is of a type or routing that MCTP does not use.</summary>
    BadType,

    /// <summary>Reserved bits that decide about the meaning are set.</summary>
    ReservedBits,

    /// <summary>The sender marked its data as bad (poisoned).</summary>
    Poisoned,
}
