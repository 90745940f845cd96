// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Mmbi;

namespace Busbar.Fuzz;

/// <summary>Whole windows, as found in memory or in a dump: recognition and report only read, and always come to an end.</summary>
internal sealed class DescriptorTarget : IFuzzTarget
{
    private const int LargestInstance = 7;

    public string Name => "descriptor";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        foreach (MmbiDialect dialect in MmbiDialect.All)
        {
            foreach (int instances in new[] { 1, dialect.MaximumInstances & ~3 })
            {
                if (instances < 1 || instances > dialect.MaximumInstances) continue;
                using SharedRegion region = SharedRegion.Allocate(4096);
                MmbiLayout layout = MmbiLayout.Create(dialect, region.Length, instances);
                for (int k = 0; k < instances; k++) layout.EnsurePublished(region, k);
                byte[] window = new byte[region.Length];
                region.CopyTo(0, window);
                yield return ($"{dialect.Name}-{instances}", window);
            }
        }
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        using SharedRegion region = SharedRegion.Allocate(input.Length);
        region.CopyFrom(0, input);
        _ = MmbiRecognition.Recognise(input[..Math.Min(input.Length, MmbiDescriptor.MaximumLength)], input.Length);
        foreach (MmbiDialect? dialect in (MmbiDialect?[])[null, .. MmbiDialect.All])
        {
            for (int instance = 0; instance <= LargestInstance; instance++)
            {
                MmbiRecognition found = MmbiRecognition.Find(region, instance, dialect);
                if (!found.IsAcceptable) continue;
                foreach (MmbiInstance place in found.Descriptor!.Instances)
                {
                    MmbiPlacement placement = MmbiPlacement.Of(place, found.Offset);
                    FuzzViolationException.Require(IsInside(placement.OwnerToHost, region) && IsInside(placement.HostToOwner, region), "accepted rings lie in the window");
                }
            }

            int count = MmbiRecognition.CountInstances(region, dialect);
            FuzzViolationException.Require(count is >= 0 and <= LargestInstance + 1, "there are 0 to 8 instances");
            MmbiWindowReport report = MmbiWindowReport.Read(region, dialect);
            FuzzViolationException.Require(report.Instances.Count <= LargestInstance + 1, "a report has at most 8 instances");
        }

        byte[] after = new byte[input.Length];
        region.CopyTo(0, after);
        FuzzViolationException.Require(after.AsSpan().SequenceEqual(input), "looking changes nothing");
    }

    private static bool IsInside(MmbiRing ring, SharedRegion region) => ring.Start >= 0 && ring.Length > 0 && ring.End <= region.Length;
}
