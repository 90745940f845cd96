// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// A PCI function in another process, reached over a UNIX socket by the vfio-user protocol: a driver works on it without any guest or kernel. The server is a
/// <see cref="VfioUserServer"/> or any other.
/// </summary>
/// <remarks>
/// <para>
/// Register windows and configuration space cost a message and its answer per access; memory behind a BAR is mapped where the server allows it. When
/// the server is gone, registers read as ones, as those of a device that was pulled out; <see cref="IsGone"/> tells.
/// </para>
/// <para>
/// Configuration space, trapped windows and <see cref="ServeServer"/> are for any thread. The server's accesses to DMA memory that it has not mapped are served
/// while anything else is asked, or by <see cref="ServeServer"/>, for which <see cref="Descriptor"/> can be polled. The server is not trusted: memory that
/// it could take away is not mapped, and answers that make no sense end the connection.
/// </para>
/// </remarks>
public sealed class VfioUserClient : IPciDevice
{
    private const int LargestMapping = 1 << 30;
    private const int MostVectors = 2048;
    private const int CommandRegister = 4;
    private const ushort MemoryDecode = 2;
    private const ushort BusMaster = 4;
    private const ushort IntxDisable = 0x400;
    private const int CapabilityPointer = 0x34;
    private const byte MsiCapability = 0x05;
    private const byte MsixCapability = 0x11;
    private const ushort MsiEnable = 1;
    private const ushort MsiVectorsEnabled = 0x70;
    private const ushort MsixEnable = 0x8000;
    private const ushort MsixFunctionMask = 0x4000;

    private readonly ClientChannel _channel;
    private readonly ClientMemory _memory;
    private readonly ClientRegion[] _regions;
    private readonly int[] _vectors = new int[VfioUserFormat.MsixIndex + 1];
    private readonly VfioUserCapabilities _server;
    private readonly List<EventFd> _doorbells = [];
    private readonly List<SharedRegion> _mapped = [];
    private PciInterruptKind? _enabled;
    private bool _disposed;

    private VfioUserClient(string path, ClientChannel channel, ClientMemory memory)
    {
        Name = path;
        _channel = channel;
        _memory = memory;
        _server = Negotiate();
        InfoWords device = AskWords(VfioUserCommand.DeviceGetInfo, 0);
        if ((device.Flags & VfioUserFormat.DeviceIsPci) == 0 || device.First <= VfioUserFormat.ConfigRegion || device.Second <= VfioUserFormat.MsixIndex)
        {
            throw new PciDeviceException(PciDeviceFault.Unsuitable, $"{path}: the server has no PCI function; use another socket");
        }

        CanReset = (device.Flags & VfioUserFormat.DeviceCanReset) != 0;
        for (int index = 0; index < _vectors.Length; index++)
        {
            _vectors[index] = (int)Math.Min(AskWords(VfioUserCommand.DeviceGetIrqInfo, (uint)index).Second, MostVectors);
        }

        _regions = [.. Enumerable.Range(0, VfioUserFormat.ConfigRegion + 1).Select(index => ClientRegion.Ask(channel, path, index))];
        long length = _regions[VfioUserFormat.ConfigRegion].Length;
        if (length is not (256 or 4096))
        {
            throw new PciDeviceException(PciDeviceFault.Unsuitable, $"{path}: configuration space of {length} bytes; a PCI function has 256 or 4096");
        }

        Config = new ClientConfigSpace(new ClientWindow(channel, VfioUserFormat.ConfigRegion, 0), (int)length);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Backend => "vfio-user";

    /// <inheritdoc/>
    public IPciConfigSpace Config { get; }

    /// <inheritdoc/>
    public bool CanDma => true;

    /// <inheritdoc/>
    public bool CanReset { get; }

    /// <summary>True once the server has hung up, broken the protocol or taken too long; nothing brings it back.</summary>
    public bool IsGone => _channel.IsGone;

    /// <summary>Readable when the server wants something or is gone: call <see cref="ServeServer"/>.</summary>
    public FileDescriptor Descriptor => _channel.Socket;

    /// <summary>Connects and gets to know the function.</summary>
    /// <param name="path">The server's socket.</param>
    /// <param name="timeoutMs">Milliseconds to wait for the server, and for each answer later.</param>
    /// <exception cref="PciDeviceException">Nobody listens, another client is there, or the server does not speak the protocol.</exception>
    public static VfioUserClient Connect(string path, int timeoutMs = 5000)
    {
        UnixStream stream;
        try
        {
            stream = UnixStream.Connect(path, timeoutMs);
        }
        catch (LinuxException cause)
        {
            PciDeviceFault fault = cause.Errno switch
            {
                Errno.ENOENT or Errno.ECONNREFUSED => PciDeviceFault.NotFound,
                Errno.EACCES or Errno.EPERM => PciDeviceFault.NotPermitted,
                _ => PciDeviceFault.Failed,
            };
            throw new PciDeviceException(fault, $"{path}: no device can be reached there; start its process first ({cause.Errno})", cause);
        }

        var memory = new ClientMemory();
        var channel = new ClientChannel(stream, timeoutMs, memory);
        try
        {
            return new VfioUserClient(path, channel, memory);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>Serves what the server asks of DMA memory, and notices when it is gone. Never waits.</summary>
    /// <returns>False when the server is gone.</returns>
    public bool ServeServer() => _channel.ServePending();

    /// <inheritdoc/>
    public PciBar GetBar(int index)
    {
        ClientRegion region = RegionOf(index);
        bool real = region.Length > 0 && BitOperations.IsPow2(region.Length);
        uint low = real ? Config.Read32(0x10 + (4 * index)) : 0;
        bool isIo = (low & 1) != 0;
        return new PciBar(index, real ? region.Length : 0, isIo, !isIo && (low & 6) == 4, !isIo && (low & 8) != 0, region.Areas.Count > 0);
    }

    /// <summary>
    /// Maps a window or a part of it: as memory when RAM is asked for and the server allows the whole range to be mapped, otherwise as a region whose every
    /// access is a message.
    /// </summary>
    /// <inheritdoc/>
    public SharedRegion MapBar(int index, RegionAccess access, long offset = 0, int length = 0)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ClientRegion region = RegionOf(index);
        long wanted = length == 0 ? region.Length - offset : length;
        if (offset < 0 || wanted <= 0 || wanted > LargestMapping || offset > region.Length - wanted || offset % VfioUserFormat.PageSize != 0)
        {
            throw new PciDeviceException(PciDeviceFault.Unsuitable, $"{Name}: BAR {index} has {region.Length} bytes; {wanted} from {offset} cannot be mapped");
        }

        Config.Write16(CommandRegister, (ushort)(Config.Read16(CommandRegister) | MemoryDecode));
        bool mapped = access == RegionAccess.Ram && region.Memory is not null && region.IsMappable(offset, wanted);
        SharedRegion result;
        try
        {
            result = mapped
                ? region.Memory!.MapPart(region.MemoryOffset + offset, (int)wanted)
                : SharedRegion.Trap((int)wanted, new ClientWindow(_channel, index, offset));
        }
        catch (LinuxException cause)
        {
            throw new PciDeviceException(PciDeviceFault.Failed, $"{Name}: mapping BAR {index} failed ({cause.Errno})", cause);
        }

        _mapped.Add(result);
        return result;
    }

    /// <inheritdoc/>
    public int GetInterruptCount(PciInterruptKind kind) => _vectors[IrqTable.IndexOf(kind)];

    /// <inheritdoc/>
    public IReadOnlyList<PciInterrupt> EnableInterrupts(PciInterruptKind kind, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, GetInterruptCount(kind));
        DisableInterrupts();
        uint index = (uint)IrqTable.IndexOf(kind);
        try
        {
            for (int i = 0; i < count; i++) _doorbells.Add(EventFd.Create());
        }
        catch (LinuxException cause)
        {
            DropDoorbells();
            throw new PciDeviceException(PciDeviceFault.Failed, $"{Name}: {count} interrupts need as many descriptors ({cause.Errno})", cause);
        }

        FileDescriptor[] descriptors = [.. _doorbells.Select(static doorbell => doorbell.Descriptor)];
        int most = Math.Clamp(_server.MaximumDescriptors, 1, VfioUserFormat.MostDescriptors);
        for (int start = 0; start < count; start += most)
        {
            ReadOnlySpan<FileDescriptor> part = descriptors.AsSpan(start, Math.Min(most, count - start));
            Errno error = SetIrqs(VfioUserFormat.IrqDataEventFd | VfioUserFormat.IrqTrigger, index, (uint)start, (uint)part.Length, part);
            if (error == Errno.None) continue;
            SetIrqs(VfioUserFormat.IrqDataNone | VfioUserFormat.IrqTrigger, index, 0, 0);
            DropDoorbells();
            throw new PciDeviceException(PciDeviceFault.Failed, $"{Name}: the server refuses {count} {kind} interrupts ({error})");
        }

        // The function sends nothing of a kind before its capability says so; our ears are in place by now.
        _enabled = kind;
        SwitchInterrupts(kind, count);
        Action? unmask = kind == PciInterruptKind.Intx ? () => SetIrqs(VfioUserFormat.IrqDataNone | VfioUserFormat.IrqUnmask, index, 0, 1) : null;
        return [.. _doorbells.Select((doorbell, vector) => new PciInterrupt(vector, doorbell, unmask))];
    }

    /// <inheritdoc/>
    public void DisableInterrupts()
    {
        if (_enabled is not { } kind) return;
        _enabled = null;
        SwitchInterrupts(kind, 0);
        SetIrqs(VfioUserFormat.IrqDataNone | VfioUserFormat.IrqTrigger, (uint)IrqTable.IndexOf(kind), 0, 0);
        DropDoorbells();
    }

    /// <inheritdoc/>
    public void SetBusMaster(bool enabled)
    {
        ushort command = Config.Read16(CommandRegister);
        Config.Write16(CommandRegister, (ushort)(enabled ? command | BusMaster : command & ~BusMaster));
    }

    /// <inheritdoc/>
    public DmaMemory AllocateDma(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LargestMapping);
        int whole = (length + VfioUserFormat.PageSize - 1) & ~(VfioUserFormat.PageSize - 1);
        ulong address = _memory.TakeAddresses(whole);
        SharedRegion region;
        Errno error;
        try
        {
            using MappedMemory memory = MappedMemory.CreateSealed("busbar-dma", whole);
            region = memory.Map();
            Span<byte> request = stackalloc byte[VfioUserFormat.DmaMapLength];
            new DmaMapRequest(VfioUserFormat.DmaMapLength, VfioUserFormat.DmaReadable | VfioUserFormat.DmaWritable, 0, address, (ulong)whole).Write(request);
            FileDescriptor descriptor = memory.Descriptor;
            error = _channel.Ask(VfioUserCommand.DmaMap, request, default, new ReadOnlySpan<FileDescriptor>(in descriptor), default, out _);
        }
        catch (LinuxException cause)
        {
            throw new PciDeviceException(PciDeviceFault.Failed, $"{Name}: no {whole} bytes of DMA memory ({cause.Errno})", cause);
        }

        if (error != Errno.None)
        {
            region.Dispose();
            throw new PciDeviceException(PciDeviceFault.Failed, $"{Name}: the server refuses {whole} bytes of DMA memory ({error})");
        }

        _memory.Add(address, region);
        return new DmaMemory(region, address, () => Unmap(address, whole));
    }

    /// <inheritdoc/>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!CanReset) throw new PciDeviceException(PciDeviceFault.NotSupported, $"{Name}: the server offers no reset");
        DisableInterrupts();
        Errno error = _channel.Ask(VfioUserCommand.DeviceReset, default, default, default, default, out _);
        if (error != Errno.None) throw new PciDeviceException(PciDeviceFault.Failed, $"{Name}: the reset failed ({error})");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        DisableInterrupts();
        _disposed = true;
        foreach (SharedRegion region in _mapped) region.Dispose();
        foreach (ClientRegion region in _regions) region.Memory?.Dispose();
        _channel.Dispose();
    }

    private ClientRegion RegionOf(int bar)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bar);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bar, VfioUserFormat.BarCount);
        return _regions[bar];
    }

    private VfioUserCapabilities Negotiate()
    {
        var own = new VfioUserCapabilities { MaximumDescriptors = VfioUserFormat.MostDescriptors, WritesMultiple = false };
        Span<byte> version = stackalloc byte[VfioUserFormat.VersionLength];
        BinaryPrimitives.WriteUInt16LittleEndian(version, VfioUserFormat.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(version[2..], VfioUserFormat.Minor);
        byte[] answer = new byte[4096];
        Errno error = _channel.Ask(VfioUserCommand.Version, version, own.Write(answer.Length), default, answer, out int length);
        if (error == Errno.ECONNRESET)
        {
            throw new PciDeviceException(PciDeviceFault.Busy, $"{Name}: the server hung up at once; another client uses the device, and it takes one at a time");
        }

        bool good = error == Errno.None && length >= VfioUserFormat.VersionLength
            && BinaryPrimitives.ReadUInt16LittleEndian(answer) == VfioUserFormat.Major;
        if (good && VfioUserCapabilities.TryRead(answer.AsSpan(VfioUserFormat.VersionLength, length - VfioUserFormat.VersionLength), out VfioUserCapabilities server))
        {
            return server;
        }

        throw new PciDeviceException(PciDeviceFault.Unsuitable, $"{Name}: the server does not speak vfio-user 0.0 ({error})");
    }

    private InfoWords AskWords(VfioUserCommand command, uint index)
    {
        Span<byte> words = stackalloc byte[InfoWords.Length];
        new InfoWords(InfoWords.Length, 0, index, 0).Write(words);
        Errno error = _channel.Ask(command, words, default, default, words, out int length);
        return error == Errno.None && length == InfoWords.Length
            ? InfoWords.Read(words)
            : throw new PciDeviceException(PciDeviceFault.Failed, $"{Name}: the server does not answer {command} ({error})");
    }

    private Errno SetIrqs(uint flags, uint index, uint start, uint count, ReadOnlySpan<FileDescriptor> descriptors = default)
    {
        Span<byte> request = stackalloc byte[VfioUserFormat.IrqSetLength];
        new IrqSetHeader(VfioUserFormat.IrqSetLength, flags, index, start, count).Write(request);
        return _channel.Ask(VfioUserCommand.DeviceSetIrqs, request, default, descriptors, default, out _);
    }

    // Tells the function by its capability, as an operating system does: 0 switches off.
    private void SwitchInterrupts(PciInterruptKind kind, int count)
    {
        if (kind == PciInterruptKind.Intx)
        {
            ushort command = Config.Read16(CommandRegister);
            Config.Write16(CommandRegister, (ushort)(count > 0 ? command & ~IntxDisable : command | IntxDisable));
            return;
        }

        int capability = FindCapability(kind == PciInterruptKind.Msi ? MsiCapability : MsixCapability);
        if (capability == 0) return;
        ushort control = Config.Read16(capability + 2);
        if (kind == PciInterruptKind.Msix)
        {
            control &= unchecked((ushort)~(MsixEnable | MsixFunctionMask));
            if (count > 0) control |= MsixEnable;
        }
        else
        {
            control &= unchecked((ushort)~(MsiEnable | MsiVectorsEnabled));
            if (count > 0) control |= (ushort)(MsiEnable | (BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)count)) << 4));
        }

        Config.Write16(capability + 2, control);
    }

    private int FindCapability(byte id)
    {
        // A list of a hostile device may run in circles: there is no room for more than 48.
        int at = Config.Read8(CapabilityPointer) & 0xFC;
        for (int steps = 0; at >= 0x40 && steps < 48; steps++)
        {
            if (Config.Read8(at) == id) return at;
            at = Config.Read8(at + 1) & 0xFC;
        }

        return 0;
    }

    private void Unmap(ulong address, int length)
    {
        Span<byte> request = stackalloc byte[VfioUserFormat.DmaUnmapLength];
        Span<byte> answer = stackalloc byte[VfioUserFormat.DmaUnmapLength];
        new DmaUnmapRequest(VfioUserFormat.DmaUnmapLength, 0, address, (ulong)length).Write(request);
        _channel.Ask(VfioUserCommand.DmaUnmap, request, default, default, answer, out _);
        _memory.Remove(address);
    }

    private void DropDoorbells()
    {
        foreach (EventFd doorbell in _doorbells) doorbell.Dispose();
        _doorbells.Clear();
    }
}
