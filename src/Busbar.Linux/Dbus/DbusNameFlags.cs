// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>How to ask for a bus name (D-Bus specification, RequestName).</summary>
[Flags]
public enum DbusNameFlags
{
    /// <summary>Wait in line when somebody has it.</summary>
    None = 0,

    /// <summary>Let others take it away.</summary>
    AllowReplacement = 1,

    /// <summary>Take it from an owner that allows that.</summary>
    ReplaceExisting = 2,

    /// <summary>Do not wait in line.</summary>
    DoNotQueue = 4,
}
