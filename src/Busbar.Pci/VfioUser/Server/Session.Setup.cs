// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

// What a client asks and arranges before the traffic: information, interrupts, memory.
internal sealed partial class Session
{
    private VfioUserRefusal? DeviceInfo()
    {
        if (_messages.Payload.Length < VfioUserFormat.DeviceInfoLength) return VfioUserRefusal.BadLength;
        if (InfoWords.Read(_messages.Payload).ArgumentSize < VfioUserFormat.DeviceInfoLength) return VfioUserRefusal.BadLength;
        const uint Flags = VfioUserFormat.DeviceCanReset | VfioUserFormat.DeviceIsPci;
        return SendWords(new InfoWords(VfioUserFormat.DeviceInfoLength, Flags, VfioUserFormat.RegionCount, VfioUserFormat.IrqIndexCount));
    }

    private VfioUserRefusal? RegionInfo()
    {
        if (_messages.Payload.Length < VfioUserFormat.RegionInfoLength) return VfioUserRefusal.BadLength;
        RegionInfoHeader asked = RegionInfoHeader.Read(_messages.Payload);
        if (asked.ArgumentSize < VfioUserFormat.RegionInfoLength) return VfioUserRefusal.BadLength;
        if (asked.Index >= VfioUserFormat.RegionCount) return VfioUserRefusal.BadIndex;
        bool mayMap = _client!.MaximumDescriptors > 0;
        int whole = _context.Regions.InfoLengthOf(asked.Index, mayMap);
        Span<byte> answer = Answer(asked.ArgumentSize >= (uint)whole ? whole : VfioUserFormat.RegionInfoLength);
        FileDescriptor? descriptor = _context.Regions.WriteInfo(asked.Index, mayMap, answer);
        Send(answer.Length, descriptor);
        return null;
    }

    // No descriptor stands for accesses: every access that traps comes as a message.
    private VfioUserRefusal? RegionIoFds()
    {
        if (_messages.Payload.Length < VfioUserFormat.IoFdsLength) return VfioUserRefusal.BadLength;
        InfoWords asked = InfoWords.Read(_messages.Payload);
        if (asked.ArgumentSize < VfioUserFormat.IoFdsLength) return VfioUserRefusal.BadLength;
        if (asked.Flags != 0) return VfioUserRefusal.BadFlags;
        return asked.First >= VfioUserFormat.RegionCount
            ? VfioUserRefusal.BadIndex
            : SendWords(new InfoWords(VfioUserFormat.IoFdsLength, 0, asked.First, 0));
    }

    private VfioUserRefusal? IrqInfo()
    {
        if (_messages.Payload.Length < VfioUserFormat.IrqInfoLength) return VfioUserRefusal.BadLength;
        InfoWords asked = InfoWords.Read(_messages.Payload);
        if (asked.ArgumentSize < VfioUserFormat.IrqInfoLength) return VfioUserRefusal.BadLength;
        if (asked.First >= VfioUserFormat.IrqIndexCount) return VfioUserRefusal.BadIndex;
        uint count = (uint)_context.Irqs.CountOf((int)asked.First);
        return SendWords(new InfoWords(VfioUserFormat.IrqInfoLength, VfioUserFormat.IrqEventFd, asked.First, count));
    }

    private VfioUserRefusal? SendWords(InfoWords words)
    {
        words.Write(Answer(InfoWords.Length));
        Send(InfoWords.Length);
        return null;
    }

    private VfioUserRefusal? SetIrqs()
    {
        ReadOnlySpan<byte> payload = _messages.Payload;
        if (payload.Length < VfioUserFormat.IrqSetLength) return VfioUserRefusal.BadLength;
        IrqSetHeader set = IrqSetHeader.Read(payload);
        if (JudgeIrqSet(set, payload.Length) is { } refusal) return refusal;
        int index = (int)set.Index;
        int start = (int)set.Start;
        int count = (int)set.Count;
        uint data = set.Flags & VfioUserFormat.IrqDataMask;
        uint action = set.Flags & VfioUserFormat.IrqActionMask;
        if (count == 0)
        {
            _context.Irqs.Disable(index);
        }
        else if (data == VfioUserFormat.IrqDataEventFd)
        {
            if (InstallEventFds(index, start, count, action) is { } reason) return reason;
        }
        else
        {
            ReadOnlySpan<byte> chosen = data == VfioUserFormat.IrqDataBool ? payload[VfioUserFormat.IrqSetLength..] : default;
            for (int i = 0; i < count; i++)
            {
                if (chosen.IsEmpty || chosen[i] != 0) Act(action, index, start + i);
            }
        }

        Answer(0);
        Send(0);
        bool changed = count == 0 || (data == VfioUserFormat.IrqDataEventFd && action == VfioUserFormat.IrqTrigger);
        if (changed && index <= VfioUserFormat.MsixIndex) _context.OnInterruptsChanged(IrqTable.KindOf(index), _context.Irqs.InstalledOf(index));
        return null;
    }

    private VfioUserRefusal? JudgeIrqSet(IrqSetHeader set, int length)
    {
        uint data = set.Flags & VfioUserFormat.IrqDataMask;
        uint action = set.Flags & VfioUserFormat.IrqActionMask;
        bool isEventFd = data == VfioUserFormat.IrqDataEventFd;
        int descriptors = _messages.Descriptors.Count;
        if (set.ArgumentSize < VfioUserFormat.IrqSetLength) return VfioUserRefusal.BadLength;
        if (set.Index >= VfioUserFormat.IrqIndexCount) return VfioUserRefusal.BadIndex;
        if (data is not (VfioUserFormat.IrqDataNone or VfioUserFormat.IrqDataBool or VfioUserFormat.IrqDataEventFd)
            || action is not (VfioUserFormat.IrqMask or VfioUserFormat.IrqUnmask or VfioUserFormat.IrqTrigger)
            || (set.Flags & ~(VfioUserFormat.IrqDataMask | VfioUserFormat.IrqActionMask)) != 0)
        {
            return VfioUserRefusal.BadFlags;
        }

        if (set.Index > VfioUserFormat.MsixIndex && action != VfioUserFormat.IrqTrigger) return VfioUserRefusal.BadFlags;

        // Only a level can be unmasked by a doorbell of the client's; nothing is masked by one.
        bool unmasksIntx = set.Index == VfioUserFormat.IntxIndex && action == VfioUserFormat.IrqUnmask;
        if (isEventFd && action != VfioUserFormat.IrqTrigger && !unmasksIntx) return VfioUserRefusal.BadFlags;
        if (set.Count == 0)
        {
            if (action != VfioUserFormat.IrqTrigger || data != VfioUserFormat.IrqDataNone) return VfioUserRefusal.BadFlags;
            if (descriptors > 0) return VfioUserRefusal.UnexpectedDescriptors;
            return set.Start == 0 ? null : VfioUserRefusal.OutOfRange;
        }

        if ((ulong)set.Start + set.Count > (ulong)_context.Irqs.CountOf((int)set.Index)) return VfioUserRefusal.OutOfRange;
        if (data == VfioUserFormat.IrqDataBool && length - VfioUserFormat.IrqSetLength != set.Count) return VfioUserRefusal.BadLength;
        return descriptors == 0 || (isEventFd && descriptors == set.Count) ? null : VfioUserRefusal.UnexpectedDescriptors;
    }

    private VfioUserRefusal? InstallEventFds(int index, int start, int count, uint action)
    {
        List<FileDescriptor> descriptors = _messages.Descriptors;
        if (descriptors.Count == 0)
        {
            if (action == VfioUserFormat.IrqUnmask) _context.Irqs.SetUnmaskDoorbell(null);
            else _context.Irqs.Remove(index, start, count);
            return null;
        }

        var doorbells = new List<EventFd>(count);
        try
        {
            // Wrapping takes the descriptor over, whatever becomes of it.
            while (descriptors.Count > 0)
            {
                FileDescriptor next = descriptors[0];
                descriptors.RemoveAt(0);
                doorbells.Add(EventFd.Wrap(next));
            }
        }
        catch (LinuxException)
        {
            doorbells.ForEach(static doorbell => doorbell.Dispose());
            return VfioUserRefusal.NotAnEventFd;
        }

        if (action == VfioUserFormat.IrqUnmask) _context.Irqs.SetUnmaskDoorbell(doorbells[0]);
        else _context.Irqs.Install(index, start, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(doorbells));
        return null;
    }

    private void Act(uint action, int index, int vector)
    {
        switch (action)
        {
            case VfioUserFormat.IrqMask:
                _context.Irqs.Mask(index, vector);
                break;
            case VfioUserFormat.IrqUnmask:
                _context.Irqs.Unmask(index, vector);
                break;
            default:
                _context.Irqs.Trigger(index, vector);
                break;
        }
    }

    private VfioUserRefusal? DmaMap()
    {
        if (_messages.Payload.Length < VfioUserFormat.DmaMapLength) return VfioUserRefusal.BadLength;
        DmaMapRequest request = DmaMapRequest.Read(_messages.Payload);
        if (request.ArgumentSize < VfioUserFormat.DmaMapLength) return VfioUserRefusal.BadLength;
        if (_messages.Descriptors.Count > 1) return VfioUserRefusal.UnexpectedDescriptors;
        FileDescriptor? descriptor = _messages.Descriptors.Count == 1 ? _messages.Descriptors[0] : null;
        if (_context.Dma.TryMap(request, descriptor) is { } refusal) return refusal;
        Answer(0);
        Send(0);
        return null;
    }

    private VfioUserRefusal? DmaUnmap()
    {
        if (_messages.Payload.Length < VfioUserFormat.DmaUnmapLength) return VfioUserRefusal.BadLength;
        DmaUnmapRequest request = DmaUnmapRequest.Read(_messages.Payload);
        if (request.ArgumentSize < VfioUserFormat.DmaUnmapLength) return VfioUserRefusal.BadLength;
        if ((request.Flags & VfioUserFormat.UnmapDirtyBitmap) != 0) return VfioUserRefusal.NotSupported;
        if ((request.Flags & ~VfioUserFormat.UnmapAll) != 0) return VfioUserRefusal.BadFlags;
        if ((request.Flags & VfioUserFormat.UnmapAll) != 0)
        {
            if (request.Address != 0 || request.Size != 0) return VfioUserRefusal.OutOfRange;
            _context.Dma.Clear();
        }
        else if (_context.Dma.TryUnmap(request.Address, request.Size) is { } refusal)
        {
            return refusal;
        }

        request.Write(Answer(VfioUserFormat.DmaUnmapLength));
        Send(VfioUserFormat.DmaUnmapLength);
        return null;
    }
}
