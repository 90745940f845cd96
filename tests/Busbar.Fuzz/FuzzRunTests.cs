// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Fuzz;

/// <summary>The fuzzer itself: it finds what is there, says how to see it again, and repeats itself.</summary>
public sealed class FuzzRunTests
{
    private static readonly byte[][] s_seeds = [[1, 2, 3, 4, 5, 6, 7, 8], new byte[100]];

    [Fact]
    public void Run_OfATargetThatBreaks_FindsTheInputAndSavesIt()
    {
        var run = new FuzzRun(new BreakableTarget(input => FuzzViolationException.Require(!input.Contains((byte)0xFF), "there is no 0xFF")), s_seeds, 1, TimeSpan.FromSeconds(5));

        FuzzFinding? finding = run.For(TimeSpan.FromSeconds(10));
        string line = finding!.Save();
        string file = line[(line.LastIndexOf(' ') + 1)..];

        Assert.Contains((byte)0xFF, finding.Input);
        Assert.Equal(finding.Input, File.ReadAllBytes(file));
        Assert.Contains("there is no 0xFF", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        File.Delete(file);
    }

    [Fact]
    public void Run_OfATargetThatHangs_SaysSo()
    {
        using var release = new ManualResetEventSlim();
        var run = new FuzzRun(new BreakableTarget(_ => release.Wait()), s_seeds, 1, TimeSpan.FromMilliseconds(100));

        FuzzFinding? finding = run.For(TimeSpan.FromSeconds(10));
        release.Set();

        Assert.Contains("took longer", finding!.Reason, StringComparison.Ordinal);
        Assert.Equal(s_seeds[0], finding.Input);
    }

    [Fact]
    public void Inputs_OfTheSameSeed_AreTheSameAndOfAnotherAreNot()
    {
        var target = new BreakableTarget(_ => { });
        var one = new FuzzRun(target, s_seeds, 7, TimeSpan.FromSeconds(5));
        var same = new FuzzRun(target, s_seeds, 7, TimeSpan.FromSeconds(5));
        var other = new FuzzRun(target, s_seeds, 8, TimeSpan.FromSeconds(5));

        byte[][] inputs = [.. Enumerable.Range(0, 500).Select(number => one.InputAt(number))];

        Assert.Equal(inputs, Enumerable.Range(0, 500).Select(number => same.InputAt(number)));
        Assert.NotEqual(inputs, Enumerable.Range(0, 500).Select(number => other.InputAt(number)));
        Assert.Equal(s_seeds, inputs[..2]);
        Assert.True(inputs.Distinct(ByteComparer.Instance).Count() > 400);
    }

    private sealed class BreakableTarget(Action<byte[]> run) : IFuzzTarget
    {
        public string Name => "self-test";

        public IEnumerable<(string Name, byte[] Input)> Samples() => [];

        public void Run(ReadOnlySpan<byte> input) => run([.. input]);
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] value)
        {
            var hash = default(HashCode);
            hash.AddBytes(value);
            return hash.ToHashCode();
        }
    }
}
