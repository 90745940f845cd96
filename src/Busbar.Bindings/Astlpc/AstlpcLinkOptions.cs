// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What can be chosen about an LPC link.</summary>
public sealed record AstlpcLinkOptions
{
    /// <summary>Which end we are.</summary>
    public required AstlpcRole Role { get; init; }

    /// <summary>Largest packet that we wish to send and to take, header included, 68 to 65540; the window and the other end may lower it, and version 1 knows only 68.</summary>
    public int Mtu { get; init; } = 4100;

    /// <summary>The lowest version that we speak, 1 to 3.</summary>
    public ushort LowestVersion { get; init; } = AstlpcControlArea.LowestVersion;

    /// <summary>The highest version that we speak, 1 to 3.</summary>
    public ushort HighestVersion { get; init; } = AstlpcControlArea.HighestVersion;

    /// <summary>How long the other end may take for a packet, and a management controller for opening the channel, in milliseconds.</summary>
    public int PatienceMs { get; init; } = 2000;
}
