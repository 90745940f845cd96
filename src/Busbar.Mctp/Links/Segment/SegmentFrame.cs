// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>A packet on a <see cref="SegmentBus"/>, which one station will read, or several when it is a broadcast.</summary>
internal sealed class SegmentFrame(int size)
{
    /// <summary>The payload behind the transport header.</summary>
    public readonly byte[] Data = GC.AllocateUninitializedArray<byte>(size);

    public int Length;
    public MctpHeader Header;
    public PhysicalAddress From;

    /// <summary>Stations that have not read it yet.</summary>
    public int Readers;

    /// <summary>The next free one.</summary>
    public SegmentFrame? Next;
}
