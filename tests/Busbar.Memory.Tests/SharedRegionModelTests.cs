// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Memory.Tests;

/// <summary>A region against a plain array that plays its part.</summary>
public sealed class SharedRegionModelTests
{
    private const int Length = 48;

    [Fact]
    public void Region_UnderAnySequenceOfCopies_BehavesLikeAnArrayOrRefuses()
    {
        Gen<int> offsets = Gen.OneOf(Gen.Choose(-2, Length + 2), Gen.Elements(int.MinValue, int.MaxValue, -Length));
        Gen<(int Offset, int Size, bool Ram)> steps =
            from offset in offsets
            from size in Gen.Choose(0, Length + 1)
            from ram in Gen.Elements(true, false)
            select (offset, size, ram);

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300),
            Prop.ForAll(steps.ListOf().ToArbitrary(), operations => BehavesLikeAnArray(operations)));
    }

    private static bool BehavesLikeAnArray(IEnumerable<(int Offset, int Size, bool Ram)> operations)
    {
        using SharedRegion ram = SharedRegion.Allocate(Length);
        using SharedRegion mmio = SharedRegion.Allocate(Length, RegionAccess.Mmio);
        byte[] ramModel = new byte[Length];
        byte[] mmioModel = new byte[Length];
        byte fill = 0;
        foreach ((int offset, int size, bool useRam) in operations)
        {
            SharedRegion region = useRam ? ram : mmio;
            byte[] model = useRam ? ramModel : mmioModel;
            byte[] bytes = [.. Enumerable.Range(0, size).Select(_ => ++fill)];
            bool fits = offset >= 0 && (long)offset + size <= Length;
            bool accepted = Accepts(() => region.CopyFrom(offset, bytes));
            if (accepted != fits) return false;
            if (fits) bytes.CopyTo(model, offset);
        }

        byte[] seen = new byte[Length];
        ram.CopyTo(0, seen);
        if (!seen.AsSpan().SequenceEqual(ramModel)) return false;
        mmio.CopyTo(0, seen);
        return seen.AsSpan().SequenceEqual(mmioModel);
    }

    private static bool Accepts(Action access)
    {
        try
        {
            access();
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
