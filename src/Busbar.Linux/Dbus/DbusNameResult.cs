// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What became of a request for a bus name (D-Bus specification, RequestName).</summary>
public enum DbusNameResult
{
    /// <summary>An answer that the specification does not know.</summary>
    Unknown = 0,

    /// <summary>It is ours now.</summary>
    PrimaryOwner = 1,

    /// <summary>Somebody has it, and we wait in line.</summary>
    InQueue = 2,

    /// <summary>Somebody has it.</summary>
    Exists = 3,

    /// <summary>It was ours before.</summary>
    AlreadyOwner = 4,
}
