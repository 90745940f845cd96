// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>The two ends of an LPC link.</summary>
public enum AstlpcRole
{
    /// <summary>The management controller: owns the window, writes the control area, negotiates.</summary>
    Bmc,

    /// <summary>The host: says what it understands and takes what was negotiated.</summary>
    Host,
}
