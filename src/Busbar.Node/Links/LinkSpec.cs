// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>
/// A parsed LINK argument: <c>BINDING:WHERE[,KEY=VALUE]…</c>. One record per binding has what the text said. What the text leaves out is null there when its default depends
/// on the command or on the role.
/// </summary>
public abstract record LinkSpec
{
    private protected LinkSpec()
    {
    }

    /// <summary>The text that was parsed.</summary>
    public required string Text { get; init; }

    /// <summary>The word before the first colon; links are numbered behind it, as in <c>serial0</c>.</summary>
    public abstract string Binding { get; }

    /// <summary>Largest packet to send, header included; null for what the medium allows.</summary>
    public int? Mtu { get; init; }

    /// <summary>Waiting strategy; null when not said.</summary>
    public WaitStrategy? Wait { get; init; }

    /// <inheritdoc/>
    public sealed override string ToString() => Text;
}
