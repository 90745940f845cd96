// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>Turns a parsed LINK into an attachment: finds or makes the window, claims the role, builds the channel.</summary>
public static class LinkOpener
{
    /// <summary>How long a discoverer waits for a window that is not there yet.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    /// <summary>Opens a link. Only an MMBI discoverer and the host of an LPC link wait, for their windows; other links come up when their other end does.</summary>
    /// <param name="spec">What the user asked for.</param>
    /// <param name="defaultRole">The role when the text names none: owner in <c>endpoint</c>, discoverer elsewhere. An owner is the management controller of an LPC link.</param>
    /// <param name="name">What the link is to be called; null for its binding followed by zero, for instance <c>mmbi0</c>.</param>
    /// <param name="patience">How long to wait for a window; null for <see cref="DefaultPatience"/>.</param>
    /// <param name="timings">Time limits of the MMBI state machine; null for the defaults.</param>
    /// <exception cref="MctpException">
    /// <see cref="MctpError.Unreachable"/> no window in time; <see cref="MctpError.AddressInUse"/> somebody else holds the role;
    /// <see cref="MctpError.BadConfiguration"/> the text contradicts itself; <see cref="MctpError.MissingFacility"/> a privilege is missing.
    /// </exception>
    public static LinkAttachment Open(LinkSpec spec, MmbiRole defaultRole, string? name = null, TimeSpan? patience = null, MmbiTimings? timings = null)
    {
        name ??= spec.Binding + "0";
        return spec switch
        {
            MmbiLinkSpec mmbi => Open(mmbi, defaultRole, name, patience, timings),
            SerialLinkSpec serial => SerialAttachment.Open(serial, name),
            DevelopmentLinkSpec development => DevelopmentAttachment.Open(development, name),
            AstlpcLinkSpec astlpc => AstlpcAttachment.Open(astlpc, astlpc.Role ?? RoleFor(defaultRole), name, patience ?? DefaultPatience),
            _ => throw new MctpException(MctpError.BadConfiguration, $"link '{spec.Text}': nothing opens links of this binding"),
        };
    }

    private static AstlpcRole RoleFor(MmbiRole role) => role == MmbiRole.Owner ? AstlpcRole.Bmc : AstlpcRole.Host;

    private static MmbiAttachment Open(MmbiLinkSpec spec, MmbiRole defaultRole, string name, TimeSpan? patience, MmbiTimings? timings)
    {
        MmbiRole role = spec.Role ?? defaultRole;
        var settings = new MmbiAttachmentSettings(spec, role, name, patience ?? DefaultPatience, timings ?? MmbiTimings.Default);
        return spec.Window switch
        {
            WindowKind.Ivshmem => IvshmemAttachment.Open(settings),
            WindowKind.Pci or WindowKind.VfioUser => PciAttachment.Open(settings),
            WindowKind.Shm => ShmAttachment.Open(settings),
            _ => throw new MctpException(MctpError.BadConfiguration, $"link '{spec.Text}': a dump can be shown, not opened; use 'busbar mmbi show'"),
        };
    }
}
