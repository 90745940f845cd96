// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What can be chosen about a development link.</summary>
public sealed record DevelopmentLinkOptions
{
    /// <summary>Largest packet that we send, header included, 68 to 32768; the other end may lower it.</summary>
    public int Mtu { get; init; } = 4100;

    /// <summary>A number for this life of the link, not zero; best a random one.</summary>
    public required uint Session { get; init; }

    /// <summary>True when silence means that the other end is gone, as on a medium without connections.</summary>
    public bool WatchesSilence { get; init; }

    /// <summary>Milliseconds between two hellos.</summary>
    public int HelloMs { get; init; } = 1000;

    /// <summary>Silence after which the other end is taken for gone, in milliseconds.</summary>
    public int SilenceMs { get; init; } = 3000;

    /// <summary>Bytes of datagrams that may wait for the medium; the largest one must fit.</summary>
    public int QueueBytes { get; init; } = 65_536;
}
