// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What the other end of an LPC link did wrong. Each has a counter.</summary>
public enum AstlpcFault
{
    /// <summary>The control area does not begin with "MCTP".</summary>
    BadMagic,

    /// <summary>A range of versions is empty, or no version is in both.</summary>
    NoCommonVersion,

    /// <summary>The negotiated version is in neither or only one of the ranges.</summary>
    BadNegotiatedVersion,

    /// <summary>An area cannot hold a packet of 68 bytes.</summary>
    AreaTooSmall,

    /// <summary>An area begins in the control area.</summary>
    AreaInControl,

    /// <summary>An area does not begin at a multiple of four.</summary>
    AreaMisaligned,

    /// <summary>An area ends behind the window.</summary>
    AreaOutside,

    /// <summary>The areas share bytes.</summary>
    AreasOverlap,

    /// <summary>A packet's length is below 4, or larger than its area.</summary>
    BadLength,

    /// <summary>A packet does not match its check.</summary>
    BadCheck,

    /// <summary>A packet was announced before the one before it was taken.</summary>
    Overrun,

    /// <summary>A packet was said to be taken that nobody had announced.</summary>
    UnexpectedCompletion,

    /// <summary>A KCS byte that means nothing, or nothing in this direction or state.</summary>
    UnknownSignal,

    /// <summary>A packet was not taken in time.</summary>
    TransmitTimeout,

    /// <summary>The channel was not opened in time.</summary>
    NegotiationTimeout,
}
