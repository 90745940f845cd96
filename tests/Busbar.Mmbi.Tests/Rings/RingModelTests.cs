// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Random operations on a ring and on a plain queue agree.</summary>
public sealed class RingModelTests
{
    public static TheoryData<string> Dialects => RingPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void RandomOperations_InPlainMemory_MatchAQueue(string dialect) => Check(dialect, RegionAccess.Ram);

    [Theory, MemberData(nameof(Dialects))]
    public void RandomOperations_InDeviceMemory_MatchAQueue(string dialect) => Check(dialect, RegionAccess.Mmio);

    private static void Check(string dialect, RegionAccess access)
    {
        Arbitrary<int[]> operations = Gen.Choose(0, 999).ArrayOf(120).ToArbitrary();
        Prop.ForAll(operations, Gen.Choose(20, 60).ToArbitrary(), (steps, words) => Agrees(dialect, access, words * 4, steps))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static bool Agrees(string dialect, RegionAccess access, int length, int[] steps)
    {
        using var ring = RingPair.Of(dialect, length, access);
        var published = new Queue<byte[]>();
        var staged = new List<byte[]>();
        int used = 0;      // bytes that the producer must regard as taken
        int owed = 0;
        int stagedBytes = 0;
        int serial = 0;
        foreach (int step in steps)
        {
            switch (step % 10)
            {
                case < 4:
                    byte[] payload = RingPair.Bytes(1 + (step / 10), serial++);
                    int occupied = MmbiPacketHeader.Occupied(payload.Length);
                    bool fits = occupied <= length - MmbiRing.Gap - used;
                    if (ring.Stage(payload) != fits) return false;
                    if (!fits) break;
                    staged.Add(payload);
                    used += occupied;
                    stagedBytes += occupied;
                    break;
                case 4 or 5:
                    ring.Producer.Commit();
                    staged.ForEach(published.Enqueue);
                    staged.Clear();
                    stagedBytes = 0;
                    break;
                case 6 when step % 3 == 0:
                    ring.Producer.Abort();
                    staged.Clear();
                    used -= stagedBytes;
                    stagedBytes = 0;
                    break;
                case 9:
                    ring.Consumer.Publish();
                    ring.Producer.Look();
                    used -= owed;
                    owed = 0;
                    break;
                default:
                    byte[]? taken = ring.Take();
                    if (taken is null != (published.Count == 0)) return false;
                    if (taken is null) break;
                    if (!taken.AsSpan().SequenceEqual(published.Dequeue())) return false;
                    owed += MmbiPacketHeader.Occupied(taken.Length);
                    break;
            }
        }

        return ring.Consumer.Violation == RingViolation.None && !ring.Producer.IsViolated;
    }
}
