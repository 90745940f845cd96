// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Endpoints;

/// <summary>Counts the data messages of a bench run as they arrive. Not thread-safe.</summary>
public sealed class BenchTally
{
    private uint _expected = BenchFormat.FirstSequence;

    /// <summary>Data messages with the right filler.</summary>
    public long Received { get; private set; }

    /// <summary>Body bytes of those.</summary>
    public long Bytes { get; private set; }

    /// <summary>Sequence numbers that were passed over.</summary>
    public long Dropped { get; private set; }

    /// <summary>Messages that are no data message, or whose filler is wrong.</summary>
    public long Invalid { get; private set; }

    /// <summary>Takes one message.</summary>
    /// <param name="body">The body without its type byte.</param>
    /// <returns>True when it was a good data message.</returns>
    public bool Add(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(VendorPrefix.Bench) || !BenchFormat.IsData(body) || !BenchFormat.HasFiller(body))
        {
            Invalid++;
            return false;
        }

        uint sequence = BenchFormat.SequenceOf(body);

        // A new run starts over; anything else that is behind the expected number is a duplicate and counts as invalid.
        uint ahead = sequence - _expected;
        if (sequence == BenchFormat.FirstSequence) ahead = 0;
        if (ahead > int.MaxValue)
        {
            Invalid++;
            return false;
        }

        Dropped += ahead;
        Received++;
        Bytes += body.Length;
        _expected = sequence + 1;
        return true;
    }
}
