// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>What <c>busbar mmbi show</c> found in a window.</summary>
internal sealed record WindowReport
{
    /// <summary>True when there is an acceptable descriptor.</summary>
    public required bool Ok { get; init; }

    public required string Link { get; init; }

    /// <summary>Bytes of the whole memory, the rendezvous page included.</summary>
    public required int WindowBytes { get; init; }

    public required bool RendezvousPage { get; init; }

    /// <summary>The dialect's name; absent when nothing calls itself a descriptor.</summary>
    public string? Dialect { get; init; }

    public required string RecognisedBy { get; init; }

    /// <summary>The descriptor's fields in wire order; absent when it cannot be read.</summary>
    public IReadOnlyList<FieldRow>? Descriptor { get; init; }

    public required IReadOnlyList<InstanceReport> Instances { get; init; }

    /// <summary>One line per fault; empty when the descriptor is acceptable.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    public static WindowReport From(LinkSpec spec, WindowObserver window, MmbiWindowReport found) => new()
    {
        Ok = found.Recognition.IsAcceptable,
        Link = spec.Text,
        WindowBytes = window.Region.Length,
        RendezvousPage = window.HasRendezvousPage,
        Dialect = found.Recognition.IsPresent ? found.Recognition.Dialect.Name : null,
        RecognisedBy = found.Recognition.Explanation,
        Descriptor = found.Recognition.Descriptor is { } descriptor ? [.. DescriptorRows.Of(descriptor, found.Recognition.Dialect)] : null,
        Instances = [.. found.Instances.Select(InstanceReport.From)],
        Faults = [.. found.Recognition.Faults.Select(fault => fault.ToString())],
    };
}
