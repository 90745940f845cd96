// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Xunit;

namespace Busbar.Fuzz;

/// <summary>A time-boxed run of every target: BUSBAR_FUZZ_SECONDS each (2 unless set), from BUSBAR_FUZZ_SEED (random unless set).</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_inputLimit = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [Trait("speed", "slow")]
    [MemberData(nameof(Targets))]
    public void Target_FedWithMutatedSeeds_Holds(string name)
    {
        var run = new FuzzRun(FuzzTargets.Find(name), Seeds.Of(name), BaseSeed(), s_inputLimit);

        FuzzFinding? finding = run.For(TimeSpan.FromSeconds(Seconds()));

        output.WriteLine($"{name}: {run.Inputs} inputs from seed {BaseSeed()}");
        Assert.True(finding is null, finding?.Save());
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Target_HasSeedsAndEachOfThemHolds(string name)
    {
        IFuzzTarget target = FuzzTargets.Find(name);
        IReadOnlyList<byte[]> seeds = Seeds.Of(name);

        Assert.NotEmpty(seeds);
        Assert.All(seeds, seed => target.Run(seed));
    }

    private static readonly int s_baseSeed = int.TryParse(
        Environment.GetEnvironmentVariable("BUSBAR_FUZZ_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int seed) ? seed : Random.Shared.Next();

    private static int BaseSeed() => s_baseSeed;

    private static double Seconds() => double.TryParse(
        Environment.GetEnvironmentVariable("BUSBAR_FUZZ_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : 2;
}
