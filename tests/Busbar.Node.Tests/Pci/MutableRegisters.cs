// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Node.Tests;

/// <summary>Registers whose answers a test can replace: all ones, as from a device that is gone, or anything.</summary>
internal sealed class MutableRegisters(IRegionHandler registers) : IRegionHandler
{
    private volatile Func<int, ulong>? _answer;

    public Func<int, ulong>? Answer
    {
        get => _answer;
        set => _answer = value;
    }

    public ulong Read(int offset, int size) => _answer is { } answer ? answer(offset) : registers.Read(offset, size);

    public void Write(int offset, int size, ulong value)
    {
        if (_answer is null) registers.Write(offset, size, value);
    }
}
