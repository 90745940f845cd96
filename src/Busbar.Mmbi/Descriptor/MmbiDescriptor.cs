// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using static Busbar.Mmbi.DescriptorFields;

namespace Busbar.Mmbi;

/// <summary>The capability descriptor (MMBI_Desc; DSP0282, 7.1): what an owner publishes at the start of its window.</summary>
public sealed record MmbiDescriptor
{
    /// <summary>The longest descriptor: seven instances.</summary>
    public const int MaximumLength = FixedLength + (InstanceLength * 6);

    /// <summary>Byte 6, bits 3:0: 1 for DSP0282 1.0, 2 for 1.1.</summary>
    public required byte Version { get; init; }

    /// <summary>OS_USE: the interface is meant for the operating system.</summary>
    public bool IsForOperatingSystem { get; init; } = true;

    /// <summary>The instances behind this descriptor, at least one.</summary>
    public required IReadOnlyList<MmbiInstance> Instances { get; init; }

    /// <summary>How each side interrupts the other.</summary>
    public required MmbiInterrupts Interrupts { get; init; }

    /// <summary>Bytes that the descriptor takes: 32 and 32 for each instance.</summary>
    public int Length => FixedLength + (InstanceLength * (Instances.Count - 1));

    /// <summary>Writes the descriptor.</summary>
    /// <param name="dialect">Byte order and address unit.</param>
    /// <param name="destination">At least <see cref="Length"/> bytes; reserved bytes become 0.</param>
    /// <returns>The bytes written.</returns>
    public int Emit(MmbiDialect dialect, Span<byte> destination)
    {
        Span<byte> bytes = destination[..Length];
        bytes.Clear();
        Standard.CopyTo(bytes);
        bytes[DescriptorFields.Version] = Version;
        int count = Version >= MmbiDialect.V11.Version ? Instances.Count << InstanceCountShift : 0;
        bytes[Use] = (byte)(count | (IsForOperatingSystem ? OsUseMask : 0));
        for (int k = 0; k < Instances.Count; k++)
        {
            MmbiInstance instance = Instances[k];
            Span<byte> block = bytes.Slice(InstanceOffset(k), InstanceLength);
            Put(dialect, block[OwnerToHostStart..], instance.OwnerToHost.Start / dialect.AddressUnit);
            Put(dialect, block[HostToOwnerStart..], instance.HostToOwner.Start / dialect.AddressUnit);
            Put(dialect, block[OwnerToHostLength..], instance.OwnerToHost.Length);
            Put(dialect, block[HostToOwnerLength..], instance.HostToOwner.Length);
            block[BufferType] = instance.BufferType;
            block[HostInstanceInterrupt] = instance.HostInterruptValue;
            block[OwnerInstanceInterrupt] = instance.OwnerInterruptValue;
            Put(dialect, block[RosPointer..], instance.Ros / dialect.AddressUnit);
            Put(dialect, block[RwsPointer..], instance.Rws / dialect.AddressUnit);
        }

        bytes[HostInterruptType] = (byte)Interrupts.HostType;
        bytes[HostInterruptLocation] = Interrupts.HostLocation;
        bytes[HostInterruptValue] = Interrupts.HostValue;
        bytes[OwnerInterruptType] = (byte)Interrupts.OwnerType;
        Put(dialect, bytes[OwnerInterruptLocation..], Interrupts.OwnerLocation ?? 0);
        bytes[OwnerInterruptValue] = Interrupts.OwnerValue;
        return Length;
    }

    /// <summary>
    /// Reads a descriptor under one dialect's byte order and address unit. Positions are taken as they are; see <see cref="Validate"/>.
    /// </summary>
    /// <param name="bytes">A private snapshot of the window's first bytes.</param>
    /// <param name="dialect">Byte order and address unit; the version is read from the bytes.</param>
    /// <param name="descriptor">The fields.</param>
    /// <param name="fault">Why nothing could be read: signature, version, or number of instances.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> bytes,
        MmbiDialect dialect,
        [NotNullWhen(true)] out MmbiDescriptor? descriptor,
        [NotNullWhen(false)] out DescriptorFault? fault)
    {
        descriptor = null;
        fault = CheckPrologue(bytes, out byte version, out int instances);
        if (fault is not null) return false;
        var list = new MmbiInstance[instances];
        for (int k = 0; k < instances; k++)
        {
            ReadOnlySpan<byte> block = bytes.Slice(InstanceOffset(k), InstanceLength);
            list[k] = new MmbiInstance(
                new MmbiRing(Get(dialect, block[OwnerToHostStart..]) * dialect.AddressUnit, Get(dialect, block[OwnerToHostLength..])),
                new MmbiRing(Get(dialect, block[HostToOwnerStart..]) * dialect.AddressUnit, Get(dialect, block[HostToOwnerLength..])),
                Get(dialect, block[RosPointer..]) * dialect.AddressUnit,
                Get(dialect, block[RwsPointer..]) * dialect.AddressUnit,
                (byte)(block[BufferType] & BufferTypeMask),
                block[HostInstanceInterrupt],
                block[OwnerInstanceInterrupt]);
        }

        descriptor = new MmbiDescriptor
        {
            Version = version,
            IsForOperatingSystem = (bytes[Use] & OsUseMask) != 0,
            Instances = list,
            Interrupts = new MmbiInterrupts(
                (MmbiHostInterrupt)(bytes[HostInterruptType] & InterruptTypeMask),
                bytes[HostInterruptLocation],
                bytes[HostInterruptValue],
                (MmbiOwnerInterrupt)(bytes[OwnerInterruptType] & InterruptTypeMask),
                bytes[OwnerInterruptValue],
                Get(dialect, bytes[OwnerInterruptLocation..])),
        };
        return true;
    }

    /// <summary>Everything that is wrong with the descriptor in a window of the given length; empty when it is acceptable.</summary>
    /// <param name="windowLength">Bytes from the descriptor's first byte to the window's end.</param>
    public IReadOnlyList<DescriptorFault> Validate(long windowLength) => DescriptorValidation.Run(this, windowLength);

    private static DescriptorFault? CheckPrologue(ReadOnlySpan<byte> bytes, out byte version, out int instances)
    {
        version = 0;
        instances = 1;
        if (bytes.Length < FixedLength)
            return new DescriptorFault("window", $"{bytes.Length} bytes", "cannot hold a descriptor") { IsUnreachable = true };
        ReadOnlySpan<byte> signature = bytes.Slice(Signature, SignatureLength);
        if (!signature.SequenceEqual(Standard))
        {
            string reason = signature.SequenceEqual(Draft) ? "is the draft layout that preceded DSP0282 1.0, which is not supported"
                : signature.IndexOfAnyExcept((byte)0xFF) < 0 ? "is what a dead link reads"
                : "is not #MMBI$";
            return new DescriptorFault("signature", Convert.ToHexStringLower(signature), reason) { IsUnreachable = true };
        }

        version = (byte)(bytes[DescriptorFields.Version] & VersionMask);
        if (version != MmbiDialect.V10Aspeed.Version && version != MmbiDialect.V11.Version)
            return new DescriptorFault("version", $"{version}", "is neither 1 (DSP0282 1.0) nor 2 (1.1)");
        if (version < MmbiDialect.V11.Version) return null;
        instances = (bytes[Use] >> InstanceCountShift) & InstanceCountMask;
        if (instances == 0)
        {
            instances = 1;
            return new DescriptorFault("NOI", "0", "instances are none");
        }

        if (InstanceOffset(instances - 1) + InstanceLength <= bytes.Length) return null;
        return new DescriptorFault("NOI", $"{instances}", "instances need more bytes than there are") { IsUnreachable = true };
    }

    private static void Put(MmbiDialect dialect, Span<byte> at, long value)
    {
        uint word = checked((uint)value);
        if (dialect.IsBigEndianDescriptor) BinaryPrimitives.WriteUInt32BigEndian(at, word);
        else BinaryPrimitives.WriteUInt32LittleEndian(at, word);
    }

    private static long Get(MmbiDialect dialect, ReadOnlySpan<byte> at) =>
        dialect.IsBigEndianDescriptor ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);
}
