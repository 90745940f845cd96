// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <summary>Two binds, and whether the second one is refused (EADDRINUSE), in either order.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
/// <param name="Conflicts">True when they exclude each other.</param>
public sealed record BindConflictCase(SocketBind First, SocketBind Second, bool Conflicts)
{
    /// <inheritdoc/>
    public override string ToString() => $"{First.Name} and {Second.Name}";
}
