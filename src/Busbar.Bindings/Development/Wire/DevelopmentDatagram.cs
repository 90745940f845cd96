// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What a datagram on a development link is, or what is wrong with it.</summary>
public enum DevelopmentDatagram
{
    /// <summary>The other end says that it is there.</summary>
    Hello,

    /// <summary>An MCTP packet.</summary>
    Packet,

    /// <summary>The other end leaves in order.</summary>
    Goodbye,

    /// <summary>It ends before its fixed part does, or its packet is shorter than a header.</summary>
    TooShort,

    /// <summary>Its packet is longer than any may be.</summary>
    TooLong,

    /// <summary>It does not begin with the two bytes that every datagram begins with.</summary>
    Foreign,

    /// <summary>It is of a version that is not spoken here.</summary>
    OtherVersion,

    /// <summary>Its kind is unknown.</summary>
    UnknownKind,

    /// <summary>A hello with session zero, or with a largest packet below 68.</summary>
    BadHello,
}
