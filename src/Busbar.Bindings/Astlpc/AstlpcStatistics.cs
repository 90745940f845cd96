// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What happened on an LPC link since it was created. Written under the stack's serialisation; readers may see a slightly old value.</summary>
public sealed class AstlpcStatistics
{
    private readonly long[] _faults = new long[Enum.GetValues<AstlpcFault>().Length];

    /// <summary>Channels opened.</summary>
    public long Openings { get; internal set; }

    /// <summary>Channels that ended: by the other end, by a fault, or by us.</summary>
    public long Resets { get; internal set; }

    /// <summary>The version of the channel; 0 while there is none.</summary>
    public int Version { get; internal set; }

    /// <summary>What the other end did wrong, all together.</summary>
    public long Faults => _faults.Sum();

    /// <summary>What the other end did wrong, by kind.</summary>
    /// <param name="fault">The kind.</param>
    public long this[AstlpcFault fault] => _faults[(int)fault];

    internal void Count(AstlpcFault fault) => _faults[(int)fault]++;
}
