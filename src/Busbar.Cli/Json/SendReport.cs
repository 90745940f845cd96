// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar send</c> did. The reply's fields are absent when none was waited for.</summary>
internal sealed record SendReport
{
    public required bool Ok { get; init; }

    /// <summary>Type byte with IC bit.</summary>
    public required int Type { get; init; }

    /// <summary>Body bytes sent.</summary>
    public required int Sent { get; init; }

    public int? ReplyType { get; init; }

    public int? ReplyEid { get; init; }

    public int? ReplyLength { get; init; }

    /// <summary>The reply's body as hex.</summary>
    public string? Reply { get; init; }

    public double? Us { get; init; }
}
