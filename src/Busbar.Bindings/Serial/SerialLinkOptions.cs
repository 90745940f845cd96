// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What can be chosen about a serial link.</summary>
public sealed record SerialLinkOptions
{
    /// <summary>Largest packet that we send, header included, 68 to 255. Linux drops what is longer than 68, so that is the default.</summary>
    public int Mtu { get; init; } = Mctp.MctpLink.MinimumMtu;

    /// <summary>Bytes of frames that may wait for the line. At least one frame of the longest packet must fit.</summary>
    public int QueueBytes { get; init; } = 8192;

    /// <summary>Whether to send the burst of resynchronisation whenever a line is opened.</summary>
    public bool ResynchroniseOnOpen { get; init; } = true;

    /// <summary>How many requests in a row must stay without any answer before the burst is sent again; 0 for never.</summary>
    public int SilentRequests { get; init; } = 3;

    /// <summary>How long the line must have been silent by then, in milliseconds since the first of them.</summary>
    public int SilenceMs { get; init; } = 1000;
}
