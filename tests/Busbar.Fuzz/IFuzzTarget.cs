// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Fuzz;

/// <summary>Something that reads foreign bytes. Everything that happens to an input depends on that input alone, so that it can be replayed.</summary>
internal interface IFuzzTarget
{
    /// <summary>Names the target and its folder of seeds.</summary>
    string Name { get; }

    /// <summary>Good inputs, from which the files in <c>Seeds</c> are written.</summary>
    IEnumerable<(string Name, byte[] Input)> Samples();

    /// <summary>Feeds one input. Any exception is a finding; so is taking too long.</summary>
    /// <param name="input">Anything.</param>
    void Run(ReadOnlySpan<byte> input);
}
