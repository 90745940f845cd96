// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// The checks of a discoverer: those that the shipping drivers make, and those that all of them forget (multiples of 4, a minimum length,
/// overlaps, 32-bit overflow, the doorbell's place).
/// </summary>
internal static class DescriptorValidation
{
    public static IReadOnlyList<DescriptorFault> Run(MmbiDescriptor descriptor, long windowLength)
    {
        var faults = new List<DescriptorFault>();
        var areas = new List<Area> { new("descriptor", 0, 0, descriptor.Length) };
        if (!descriptor.IsForOperatingSystem) faults.Add(new DescriptorFault("OS_USE", "0", "means that the interface is not for the operating system"));
        for (int k = 0; k < descriptor.Instances.Count; k++)
        {
            MmbiInstance instance = descriptor.Instances[k];
            if (instance.BufferType != MmbiInstance.CircularBuffer)
                faults.Add(new DescriptorFault("BUF_T", $"{instance.BufferType}", "is not 1, the variable packet size circular buffer", k));
            CheckStatus(new Area("H_ROS_P", k, instance.Ros, MmbiInstance.StatusLength));
            CheckStatus(new Area("H_RWS_P", k, instance.Rws, MmbiInstance.StatusLength));
            CheckRing("B2H_BA", "B2H_L", k, instance.OwnerToHost);
            CheckRing("H2B_BA", "H2B_L", k, instance.HostToOwner);
        }

        CheckOverlaps();
        CheckInterrupts();
        return faults;

        void CheckStatus(Area area)
        {
            if (area.Start % 8 != 0) faults.Add(new DescriptorFault(area.Field, Hex(area.Start), "is not a multiple of 8", area.Instance) { IsUnreachable = true });
            if (area.End > windowLength)
                faults.Add(new DescriptorFault(area.Field, Hex(area.Start), $"leaves no 8 bytes before the window's end at {Hex(windowLength)}", area.Instance) { IsUnreachable = true });
            areas.Add(area);
        }

        void CheckRing(string startField, string lengthField, int k, MmbiRing ring)
        {
            if (ring.Start % 8 != 0) faults.Add(new DescriptorFault(startField, Hex(ring.Start), "is not a multiple of 8", k));
            if (ring.Length % 4 != 0) faults.Add(new DescriptorFault(lengthField, Hex(ring.Length), "is not a multiple of 4", k));
            if (ring.Length < MmbiRing.MinimumLength)
                faults.Add(new DescriptorFault(lengthField, Hex(ring.Length), $"is shorter than the {MmbiRing.MinimumLength} bytes that one baseline MCTP packet needs", k));
            if (ring.End > windowLength)
                faults.Add(new DescriptorFault(lengthField, Hex(ring.Length), $"from {startField} {Hex(ring.Start)} passes the window's end at {Hex(windowLength)}", k));
            areas.Add(new Area(startField, k, ring.Start, ring.Length));
        }

        void CheckOverlaps()
        {
            for (int i = 1; i < areas.Count; i++)
            {
                Area other = areas.Take(i).FirstOrDefault(earlier => earlier.Start < areas[i].End && areas[i].Start < earlier.End);
                if (other.Field is null) continue;
                string name = other.Instance == areas[i].Instance || other.Field == "descriptor" ? other.Field : $"{other.Field} of instance {other.Instance}";
                faults.Add(new DescriptorFault(areas[i].Field, Hex(areas[i].Start), $"overlaps {name}", areas[i].Instance));
            }
        }

        void CheckInterrupts()
        {
            if (descriptor.Interrupts.OwnerType != MmbiOwnerInterrupt.ByteWrite) return;
            long at = descriptor.Interrupts.OwnerLocation ?? 0;
            if (at >= windowLength) faults.Add(new DescriptorFault("BMC_INT_L", Hex(at), $"is behind the window's end at {Hex(windowLength)}"));
            Area hit = areas.FirstOrDefault(area => area.Start <= at && at < area.End);
            if (hit.Field is not null) faults.Add(new DescriptorFault("BMC_INT_L", Hex(at), $"lies inside {hit.Field}"));
        }
    }

    private static string Hex(long value) => $"0x{value:X}";

    private readonly record struct Area(string Field, int Instance, long Start, long Length)
    {
        public long End => Start + Length;
    }
}
