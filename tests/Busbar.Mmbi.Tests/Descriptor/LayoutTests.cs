// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Planning and publishing a window.</summary>
public sealed class LayoutTests
{
    public static TheoryData<string, int, int> EverySize { get; } = Sizes();

    [Fact]
    public void Create_Aspeed2024_GivesThatDriversDescriptor()
    {
        var layout = MmbiLayout.Create(MmbiDialect.V10Aspeed, DescriptorVectors.Window, interrupts: DescriptorVectors.Msi28);

        Assert.Equal(DescriptorVectors.Aspeed2024, Emit(layout, MmbiDialect.V10Aspeed));
    }

    [Fact]
    public void Create_Aspeed2026_GivesThatDriversDescriptor()
    {
        var layout = MmbiLayout.Create(MmbiDialect.V11, DescriptorVectors.Window, interrupts: DescriptorVectors.Msi2);

        Assert.Equal(DescriptorVectors.Aspeed2026, Emit(layout, MmbiDialect.V11));
    }

    [Fact]
    public void Create_TwoInstances_GivesThatDriversDescriptor()
    {
        var layout = MmbiLayout.Create(MmbiDialect.V11, DescriptorVectors.Window, instances: 2, interrupts: DescriptorVectors.Msi2);

        Assert.Equal(DescriptorVectors.Aspeed2026Pair, Emit(layout, MmbiDialect.V11));
    }

    [Fact]
    public void Create_EspiInstances_HaveADescriptorEach()
    {
        var layout = MmbiLayout.Create(MmbiDialect.V10Espi, 1 << 20, instances: 4);

        Assert.Equal([0, 0x20000, 0x40000, 0x60000], layout.Placements.Select(placement => placement.Descriptor));
        Assert.Equal([0x80000, 0xA0000, 0xC0000, 0xE0000], layout.Placements.Select(placement => placement.Rws));
    }

    [Theory]
    [MemberData(nameof(EverySize))]
    public void Create_AnySize_IsAcceptedAndRecognised(string name, int length, int instances)
    {
        Assert.True(MmbiDialect.TryParse(name, out MmbiDialect? dialect));
        using var window = SharedRegion.Allocate(length);
        var layout = MmbiLayout.Create(dialect, length, instances);

        for (int k = 0; k < instances; k++) layout.EnsurePublished(window, k);

        Assert.Equal(instances, MmbiRecognition.CountInstances(window, null));
        for (int k = 0; k < instances; k++)
        {
            MmbiRecognition found = MmbiRecognition.Find(window, k, null);
            Assert.Equal(name, found.Dialect.Name);
            Assert.Empty(found.Faults);
            int local = dialect.HasDescriptorPerInstance ? 0 : k;
            Assert.Equal(layout.Placements[k], MmbiPlacement.Of(found.Descriptor!.Instances[local], found.Offset));
        }
    }

    [Theory]
    [InlineData("v1.1", 7)]
    [InlineData("v1.0-aspeed", 1)]
    [InlineData("v1.0-espi", 8)]
    public void Create_ReservedTail_IsLeftAlone(string name, int instances)
    {
        const int Window = 256 << 10;
        const int Usable = Window - 4096;
        Assert.True(MmbiDialect.TryParse(name, out MmbiDialect? dialect));

        var layout = MmbiLayout.Create(dialect, Window, instances, Usable);

        Assert.All(layout.Placements, placement =>
        {
            Assert.True(placement.HostToOwner.End <= Usable);
            Assert.True(placement.OwnerToHost.End <= Window / 2);
        });
    }

    [Theory]
    [InlineData("v1.1", 1, 256 << 10)]
    [InlineData("v1.1", 7, 256 << 10)]
    [InlineData("v1.1", 3, 2 << 20)]
    [InlineData("v1.0-aspeed", 1, 256 << 10)]
    [InlineData("v1.0-aspeed", 1, 2 << 20)]
    public void Create_DoorbellArea_HoldsTheDoorbell_AndNothingThatPacketsTouch(string name, int instances, int window)
    {
        const int Area = 4096;
        Assert.True(MmbiDialect.TryParse(name, out MmbiDialect? dialect));
        bool isAtTheStart = dialect == MmbiDialect.V11;

        var layout = MmbiLayout.Create(dialect, window, instances, doorbellArea: Area);

        var usual = MmbiLayout.Create(dialect, window, instances);
        (int first, int end) = isAtTheStart ? (Area, window) : (0, window - Area);
        Assert.All(layout.Placements, placement =>
        {
            Assert.InRange(placement.Ros, first, end - 8);
            Assert.InRange(placement.Rws, first, end - 8);
            Assert.InRange(placement.OwnerToHost.Start, first, end);
            Assert.InRange(placement.HostToOwner.End, first, end);
        });
        Assert.Equal(usual.DescriptorOf(0).Interrupts, layout.DescriptorOf(0).Interrupts);

        // Slots are powers of two with room to spare, so nothing is lost in front; behind, the ring ends earlier.
        int lost = isAtTheStart ? 0 : Area - MmbiLayout.ShortestDoorbellArea;
        Assert.Equal(usual.Placements.Select(placement => placement.OwnerToHost.Length), layout.Placements.Select(placement => placement.OwnerToHost.Length));
        Assert.Equal(usual.Placements.Select(placement => placement.HostToOwner.Length - lost), layout.Placements.Select(placement => placement.HostToOwner.Length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData((64 << 10) + 8)]
    public void Create_ImpossibleDoorbellArea_SaysSo(int area) =>
        Assert.Throws<ArgumentException>(() => MmbiLayout.Create(MmbiDialect.V11, 256 << 10, doorbellArea: area));

    [Theory]
    [InlineData("v1.1", 4096, 8)]
    [InlineData("v1.1", 1024, 7)]
    [InlineData("v1.1", 64, 1)]
    [InlineData("v1.0-aspeed", 4096, 2)]
    [InlineData("v1.0-espi", 4096, 3)]
    [InlineData("v1.0-espi", 1024, 8)]
    [InlineData("v1.1", 4096, 0)]
    [InlineData("v1.1", 4097, 1)]
    public void Create_Impossible_SaysSo(string name, int length, int instances)
    {
        Assert.True(MmbiDialect.TryParse(name, out MmbiDialect? dialect));

        Assert.Throws<ArgumentException>(() => MmbiLayout.Create(dialect, length, instances));
    }

    [Fact]
    public void EnsurePublished_EachWrite_NeverShowsHalfADescriptor()
    {
        using var window = SharedRegion.Allocate(64 << 10);
        var layout = MmbiLayout.Create(MmbiDialect.V11, window.Length, instances: 3);
        var seen = new List<bool>();
        using var watched = SharedRegion.Watch(window, (_, _) => seen.Add(MmbiRecognition.Find(window, 0, null).IsPresent));

        layout.EnsurePublished(watched, 0);
        seen.Add(MmbiRecognition.Find(window, 0, null).IsAcceptable);

        Assert.True(seen[^1]);
        Assert.DoesNotContain(true, seen[..^1]);
    }

    [Fact]
    public void EnsurePublished_Intact_WritesNothing()
    {
        using var window = SharedRegion.Allocate(64 << 10);
        var layout = MmbiLayout.Create(MmbiDialect.V11, window.Length);
        layout.EnsurePublished(window, 0);
        int writes = 0;
        using var watched = SharedRegion.Watch(window, (_, _) => writes++);

        bool wrote = layout.EnsurePublished(watched, 0);

        Assert.False(wrote);
        Assert.Equal(0, writes);
    }

    [Fact]
    public void EnsurePublished_OneByteDamaged_IsRepaired()
    {
        using var window = SharedRegion.Allocate(64 << 10);
        var layout = MmbiLayout.Create(MmbiDialect.V11, window.Length, instances: 2);
        layout.EnsurePublished(window, 0);
        byte[] before = window.Span(0, 96).ToArray();

        for (int at = 0; at < 96; at++)
        {
            window.Write8(at, (byte)~window.Read8(at));

            Assert.True(layout.EnsurePublished(window, 0));
            Assert.Equal(before, window.Span(0, 96).ToArray());
        }
    }

    private static byte[] Emit(MmbiLayout layout, MmbiDialect dialect)
    {
        byte[] bytes = new byte[MmbiDescriptor.MaximumLength];
        return bytes[..layout.DescriptorOf(0).Emit(dialect, bytes)];
    }

    private static TheoryData<string, int, int> Sizes()
    {
        var data = new TheoryData<string, int, int>();
        foreach (int length in (int[])[4096, 16 << 10, 64 << 10, 1 << 20, 2 << 20, 64 << 20])
        {
            data.Add("v1.0-aspeed", length, 1);
            for (int instances = 1; instances <= 7; instances++) data.Add("v1.1", length, instances);
            for (int instances = 1; instances <= 8; instances *= 2) data.Add("v1.0-espi", length, instances);
        }

        return data;
    }
}
