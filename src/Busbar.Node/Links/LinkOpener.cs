// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>Turns a parsed LINK into an attachment: finds or makes the window, claims the role, builds the channel.</summary>
public static class LinkOpener
{
    /// <summary>How long a discoverer waits for a window that is not there yet.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    /// <summary>Opens a link.</summary>
    /// <param name="spec">What the user asked for.</param>
    /// <param name="defaultRole">The role when the text names none: owner in <c>endpoint</c>, discoverer elsewhere.</param>
    /// <param name="name">What the link is to be called, for instance <c>mmbi0</c>.</param>
    /// <param name="patience">How long a discoverer waits for the window; null for <see cref="DefaultPatience"/>.</param>
    /// <param name="timings">Time limits of the MMBI state machine; null for the defaults.</param>
    /// <exception cref="MctpException">
    /// <see cref="MctpError.Unreachable"/> no window in time; <see cref="MctpError.AddressInUse"/> somebody else holds the role;
    /// <see cref="MctpError.BadConfiguration"/> the text contradicts itself; <see cref="MctpError.MissingFacility"/> a privilege is missing.
    /// </exception>
    public static LinkAttachment Open(LinkSpec spec, MmbiRole defaultRole, string name = "mmbi0", TimeSpan? patience = null, MmbiTimings? timings = null)
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
