// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>An MCTP endpoint ID, one byte (DSP0236, endpoint ID table).</summary>
/// <param name="Value">0 null, 1..7 reserved, 8..254 assignable, 255 broadcast.</param>
public readonly record struct Eid(byte Value)
{
    /// <summary>The null EID: as destination "whoever sits at this physical address", as source "has no EID yet".</summary>
    public static readonly Eid Null;

    /// <summary>Every endpoint of one bus; never forwarded.</summary>
    public static readonly Eid Broadcast = new(0xFF);

    /// <summary>The wildcard of binds and tag allocation; the same value as <see cref="Broadcast"/>, as in Linux.</summary>
    public static readonly Eid Any = new(0xFF);

    /// <summary>True for 8..254, the values that an endpoint may hold.</summary>
    public bool IsAssignable => (uint)(Value - 8) <= 254 - 8;

    /// <summary>True for 1..7, which no endpoint may hold or use as a source.</summary>
    public bool IsReserved => (uint)(Value - 1) < 7;

    /// <summary>The EID in decimal, as mctp(1) prints it.</summary>
    public override string ToString() => Value.ToString();
}
