// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>An <c>[[interface]]</c> table: which links it is for, and what we are there. The first rule that matches a link counts.</summary>
public sealed record InterfaceRule
{
    /// <summary>What the rule looks at.</summary>
    public InterfaceMatchKind Kind { get; init; }

    /// <summary>The binding for <see cref="InterfaceMatchKind.Binding"/>.</summary>
    public PhysicalBinding Binding { get; init; }

    /// <summary>The pattern for <see cref="InterfaceMatchKind.Path"/>: a sysfs path without <c>/sys</c>, with the wildcards of <see cref="Glob"/>.</summary>
    public string Path { get; init; } = "";

    /// <summary>Our part; null takes what the top level says.</summary>
    public LinkRole? Role { get; init; }

    /// <summary>Whether the rule is for a link.</summary>
    /// <param name="link">The link.</param>
    public bool Matches(HostLink link) => Kind switch
    {
        InterfaceMatchKind.All => true,
        InterfaceMatchKind.Binding => link.Binding == Binding,
        _ => link.DevicePath is { } path && Glob.IsMatch(Path, path),
    };
}
