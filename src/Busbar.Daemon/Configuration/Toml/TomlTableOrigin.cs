// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>How a table came to be; it decides who may still add to it.</summary>
internal enum TomlTableOrigin
{
    /// <summary>Named in the middle of a header; a header of its own may follow.</summary>
    Implied,

    /// <summary>By its own header (the document itself counts as that).</summary>
    Header,

    /// <summary>By a dotted key; more dotted keys may follow.</summary>
    DottedKey,

    /// <summary>Written in braces; complete.</summary>
    Inline,
}
