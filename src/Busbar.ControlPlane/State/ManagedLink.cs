// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>A link with our part on it. The same object for as long as the link's index lives.</summary>
public sealed class ManagedLink
{
    /// <summary>Creates the record of a link.</summary>
    /// <param name="link">The link.</param>
    /// <param name="role">Our part on it.</param>
    public ManagedLink(HostLink link, LinkRole role)
    {
        Host = link;
        Role = role;
    }

    /// <summary>The link as the host describes it now.</summary>
    public HostLink Host { get; internal set; }

    /// <summary>Our part on it.</summary>
    public LinkRole Role { get; internal set; }
}
