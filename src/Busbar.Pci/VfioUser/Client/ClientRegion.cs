// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>What a server said of one region.</summary>
/// <param name="Index">Number of the region.</param>
/// <param name="Length">Bytes; 0 when there is none.</param>
/// <param name="Memory">What is behind the mappable areas; null when there are none that can be used.</param>
/// <param name="MemoryOffset">Where the region begins in it.</param>
/// <param name="Areas">Mappable parts, checked.</param>
internal sealed record ClientRegion(int Index, long Length, MappedMemory? Memory, long MemoryOffset, IReadOnlyList<PciMappableArea> Areas)
{
    private const int LongestInfo = 4096;

    /// <summary>Asks for a region, twice if it has capabilities.</summary>
    /// <exception cref="PciDeviceException">The server does not answer, or refuses.</exception>
    public static ClientRegion Ask(ClientChannel channel, string name, int index)
    {
        Span<byte> question = stackalloc byte[VfioUserFormat.RegionInfoLength];
        byte[] answer = new byte[LongestInfo];
        var received = new List<FileDescriptor>();
        int room = VfioUserFormat.RegionInfoLength;
        try
        {
            for (int attempt = 0; ; attempt++)
            {
                new RegionInfoHeader((uint)room, 0, (uint)index, 0, 0, 0).Write(question);
                Errno error = channel.Ask(VfioUserCommand.DeviceGetRegionInfo, question, default, default, answer, out int length, received);
                if (error != Errno.None || length < VfioUserFormat.RegionInfoLength)
                {
                    throw new PciDeviceException(PciDeviceFault.Failed, $"{name}: the server does not describe region {index} ({error})");
                }

                RegionInfoHeader info = RegionInfoHeader.Read(answer);
                if (attempt > 0 || info.ArgumentSize <= (uint)room || info.ArgumentSize > LongestInfo)
                {
                    return Read(index, info, answer.AsSpan(0, length), received);
                }

                room = (int)info.ArgumentSize;
            }
        }
        finally
        {
            foreach (FileDescriptor descriptor in received) descriptor.Dispose();
        }
    }

    /// <summary>True when a range can be mapped.</summary>
    public bool IsMappable(long offset, long length) =>
        Areas.Any(area => offset >= area.Offset && length <= area.Length && offset - area.Offset <= area.Length - length);

    private static ClientRegion Read(int index, RegionInfoHeader info, ReadOnlySpan<byte> answer, List<FileDescriptor> received)
    {
        long size = info.Size > long.MaxValue ? 0 : (long)info.Size;
        var none = new ClientRegion(index, size, null, 0, []);
        if ((info.Flags & VfioUserFormat.RegionMappable) == 0 || received.Count != 1 || size == 0) return none;
        if (info.Offset > long.MaxValue || info.Offset % VfioUserFormat.PageSize != 0) return none;

        // Memory that the device could take away would end this process at the next access; then every access is a message instead. And what is no such memory is not even
        // asked for its size, because it need not answer.
        FileDescriptor descriptor = received[0];
        if (!PeerMemory.CannotShrink(descriptor)) return none;
        received.Clear();
        MappedMemory memory;
        try
        {
            memory = MappedMemory.Adopt(descriptor);
        }
        catch (LinuxException)
        {
            return none;
        }

        // Huge pages can be given back, and then there may be none.
        List<PciMappableArea> areas = memory.IsHuge ? [] : AreasOf(info, answer, size, memory.Size);
        if (areas.Count > 0) return new ClientRegion(index, size, memory, (long)info.Offset, areas);
        memory.Dispose();
        return none;
    }

    private static List<PciMappableArea> AreasOf(RegionInfoHeader info, ReadOnlySpan<byte> answer, long size, long memorySize)
    {
        uint at = (info.Flags & VfioUserFormat.RegionHasCapabilities) != 0 ? info.CapabilityOffset : 0;
        for (int steps = 0; at != 0 && steps < 16; steps++)
        {
            if (at < VfioUserFormat.RegionInfoLength || at > (uint)answer.Length || (uint)answer.Length - at < VfioUserFormat.SparseMmapLength) return [];
            ReadOnlySpan<byte> capability = answer[(int)at..];
            if (BinaryPrimitives.ReadUInt16LittleEndian(capability) == VfioUserFormat.SparseMmapCapability)
            {
                return ReadAreas(capability, (long)info.Offset, size, memorySize);
            }

            at = BinaryPrimitives.ReadUInt32LittleEndian(capability[4..]);
        }

        // Mappable without saying what: all of it.
        return at == 0 && (long)info.Offset <= memorySize - size && size % VfioUserFormat.PageSize == 0 ? [new PciMappableArea(0, size)] : [];
    }

    private static List<PciMappableArea> ReadAreas(ReadOnlySpan<byte> capability, long start, long size, long memorySize)
    {
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(capability[8..]);
        ReadOnlySpan<byte> entries = capability[VfioUserFormat.SparseMmapLength..];
        if (count > (uint)(entries.Length / VfioUserFormat.SparseMmapAreaLength)) return [];
        var areas = new List<PciMappableArea>();
        long behind = memorySize - start;
        for (int i = 0; i < (int)count; i++)
        {
            ReadOnlySpan<byte> entry = entries[(i * VfioUserFormat.SparseMmapAreaLength)..];
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry);
            long length = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
            bool inside = offset >= 0 && length > 0 && length <= size && offset <= size - length && length <= behind && offset <= behind - length;
            if (inside && offset % VfioUserFormat.PageSize == 0) areas.Add(new PciMappableArea(offset, length));
        }

        return areas;
    }
}
