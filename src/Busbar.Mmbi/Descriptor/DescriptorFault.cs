// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>Why a descriptor is not acceptable: one field, its value, and what is wrong with it.</summary>
/// <param name="Field">The field's name in DSP0282, for instance <c>B2H_L</c>.</param>
/// <param name="Value">The value as people read it, for instance <c>0x1001</c>.</param>
/// <param name="Reason">What is wrong, to follow the value in a sentence: <c>is not a multiple of 4</c>.</param>
/// <param name="Instance">The instance that the field belongs to, from 0.</param>
public sealed record DescriptorFault(string Field, string Value, string Reason, int Instance = 0)
{
    /// <summary>True when Host_ROS or Host_RWS cannot be reached, so that not even the refusal can be signalled.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>One line: <c>B2H_L: 0x1001 is not a multiple of 4</c>.</summary>
    public override string ToString() => Instance == 0 ? $"{Field}: {Value} {Reason}" : $"{Field} of instance {Instance}: {Value} {Reason}";
}
