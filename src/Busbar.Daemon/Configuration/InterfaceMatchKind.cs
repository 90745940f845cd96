// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>What an <see cref="InterfaceRule"/> looks at.</summary>
public enum InterfaceMatchKind
{
    /// <summary>Matches every link.</summary>
    All,

    /// <summary>The physical transport binding.</summary>
    Binding,

    /// <summary>The device path.</summary>
    Path,
}
