// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// The checks of a discoverer: those that the shipping drivers make, and those that all of them forget (multiples of 4, a minimum length,
/// overlaps, 32-bit overflow, the doorbell's place).
/// </summary>
internal sealed class DescriptorValidation
{
    private const string WholeDescriptor = "descriptor";

    private readonly MmbiDescriptor _descriptor;
    private readonly long _windowLength;
    private readonly List<DescriptorFault> _faults = [];
    private readonly List<Area> _areas = [];

    private DescriptorValidation(MmbiDescriptor descriptor, long windowLength)
    {
        _descriptor = descriptor;
        _windowLength = windowLength;
    }

    public static IReadOnlyList<DescriptorFault> Run(MmbiDescriptor descriptor, long windowLength)
    {
        var validation = new DescriptorValidation(descriptor, windowLength);
        validation.CheckInstances();
        validation.CheckOverlaps();
        validation.CheckInterrupts();
        return validation._faults;
    }

    private static string Hex(long value) => $"0x{value:X}";

    private void CheckInstances()
    {
        _areas.Add(new Area(WholeDescriptor, 0, 0, _descriptor.Length));
        if (!_descriptor.IsForOperatingSystem) Fault("OS_USE", "0", "means that the interface is not for the operating system");
        for (int k = 0; k < _descriptor.Instances.Count; k++)
        {
            MmbiInstance instance = _descriptor.Instances[k];
            if (instance.BufferType != MmbiInstance.CircularBuffer)
                Fault("BUF_T", $"{instance.BufferType}", "is not 1, the variable packet size circular buffer", k);
            CheckStatus(new Area("H_ROS_P", k, instance.Ros, MmbiInstance.StatusLength));
            CheckStatus(new Area("H_RWS_P", k, instance.Rws, MmbiInstance.StatusLength));
            CheckRing("B2H_BA", "B2H_L", k, instance.OwnerToHost);
            CheckRing("H2B_BA", "H2B_L", k, instance.HostToOwner);
        }
    }

    private void CheckStatus(Area area)
    {
        if (area.Start % MmbiInstance.StatusLength != 0)
            Fault(area.Field, Hex(area.Start), "is not a multiple of 8", area.Instance, isUnreachable: true);
        if (area.End > _windowLength)
            Fault(area.Field, Hex(area.Start), $"leaves no 8 bytes before the window's end at {Hex(_windowLength)}", area.Instance, isUnreachable: true);
        _areas.Add(area);
    }

    private void CheckRing(string startField, string lengthField, int k, MmbiRing ring)
    {
        const int Alignment = 8;
        string length = Hex(ring.Length);
        if (ring.Start % Alignment != 0) Fault(startField, Hex(ring.Start), "is not a multiple of 8", k);
        if (ring.Length % 4 != 0) Fault(lengthField, length, "is not a multiple of 4", k);
        if (ring.Length < MmbiRing.MinimumLength)
            Fault(lengthField, length, $"is shorter than the {MmbiRing.MinimumLength} bytes that one baseline MCTP packet needs", k);
        if (ring.End > _windowLength)
            Fault(lengthField, length, $"from {startField} {Hex(ring.Start)} passes the window's end at {Hex(_windowLength)}", k);
        _areas.Add(new Area(startField, k, ring.Start, ring.Length));
    }

    private void CheckOverlaps()
    {
        for (int i = 1; i < _areas.Count; i++)
        {
            Area area = _areas[i];
            Area other = _areas.Take(i).FirstOrDefault(earlier => earlier.Start < area.End && area.Start < earlier.End);
            if (other.Field is null) continue;
            bool isOwn = other.Instance == area.Instance || other.Field == WholeDescriptor;
            Fault(area.Field, Hex(area.Start), isOwn ? $"overlaps {other.Field}" : $"overlaps {other.Field} of instance {other.Instance}", area.Instance);
        }
    }

    private void CheckInterrupts()
    {
        if (_descriptor.Interrupts.OwnerType != MmbiOwnerInterrupt.ByteWrite) return;
        long at = _descriptor.Interrupts.OwnerLocation ?? 0;
        if (at >= _windowLength) Fault("BMC_INT_L", Hex(at), $"is behind the window's end at {Hex(_windowLength)}");
        Area hit = _areas.FirstOrDefault(area => area.Start <= at && at < area.End);
        if (hit.Field is not null) Fault("BMC_INT_L", Hex(at), $"lies inside {hit.Field}");
    }

    private void Fault(string field, string value, string reason, int instance = 0, bool isUnreachable = false) =>
        _faults.Add(new DescriptorFault(field, value, reason, instance) { IsUnreachable = isUnreachable });

    private readonly record struct Area(string Field, int Instance, long Start, long Length)
    {
        public long End => Start + Length;
    }
}
