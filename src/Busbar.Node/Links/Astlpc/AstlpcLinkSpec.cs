// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;

namespace Busbar.Node;

/// <summary>A link over the LPC binding of OpenPOWER machines, its window and its KCS device in a file: <c>astlpc:shm:PATH[,role=bmc|host][,size=…][,mtu=…]</c>.</summary>
public sealed record AstlpcLinkSpec : LinkSpec
{
    /// <summary>Window bytes when the text says nothing: 1 MiB, as on those machines.</summary>
    public const int DefaultWindowSize = 1 << 20;

    /// <inheritdoc/>
    public override string Binding => "astlpc";

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Which end we are; null when not said.</summary>
    public AstlpcRole? Role { get; init; }

    /// <summary>Window bytes; null when not said.</summary>
    public int? Size { get; init; }
}
