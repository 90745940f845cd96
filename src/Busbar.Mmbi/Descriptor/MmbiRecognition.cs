// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using static Busbar.Mmbi.DescriptorFields;

namespace Busbar.Mmbi;

/// <summary>
/// What a look at a descriptor found: which dialect it is written in, how that was recognised, and what is wrong with it.
/// </summary>
public sealed class MmbiRecognition
{
    private MmbiRecognition(
        MmbiDialect dialect,
        string explanation,
        MmbiDescriptor? descriptor,
        IReadOnlyList<DescriptorFault> faults,
        int offset)
    {
        Dialect = dialect;
        Explanation = explanation;
        Descriptor = descriptor;
        Faults = faults;
        Offset = offset;
    }

    /// <summary>
    /// The dialect; a guess when there are faults. Its descriptor encoding is the one that was found, which may differ from the name's
    /// usual one.
    /// </summary>
    public MmbiDialect Dialect { get; }

    /// <summary>One sentence for people: how the dialect was recognised.</summary>
    public string Explanation { get; }

    /// <summary>The fields as far as they could be read; null when there is no readable descriptor.</summary>
    public MmbiDescriptor? Descriptor { get; }

    /// <summary>What is wrong; empty when the descriptor is acceptable.</summary>
    public IReadOnlyList<DescriptorFault> Faults { get; }

    /// <summary>Bytes from the window's start to the descriptor.</summary>
    public int Offset { get; }

    /// <summary>True when the descriptor can be used.</summary>
    public bool IsAcceptable => Descriptor is not null && Faults.Count == 0;

    /// <summary>True when the window holds something that calls itself a descriptor, acceptable or not.</summary>
    public bool IsPresent { get; private init; }

    /// <summary>
    /// Reads a descriptor in an unknown dialect: of the four combinations of byte order and address unit, the one counts whose areas all
    /// lie inside the window without overlaps. Version and interrupt type then name the dialect.
    /// </summary>
    /// <param name="bytes">
    /// A private snapshot that starts with the descriptor; up to <see cref="MmbiDescriptor.MaximumLength"/> bytes.
    /// </param>
    /// <param name="windowLength">Bytes from the descriptor to the window's end.</param>
    /// <param name="offset">Where the descriptor stands in its window, for the record.</param>
    public static MmbiRecognition Recognise(ReadOnlySpan<byte> bytes, long windowLength, int offset = 0)
    {
        MmbiDialect prior = Prior(bytes, out string because);
        if (!MmbiDescriptor.TryParse(bytes, prior, out MmbiDescriptor? descriptor, out DescriptorFault? fault))
            return new MmbiRecognition(prior, "there is no readable descriptor", null, [fault], offset) { IsPresent = HasSignature(bytes) };

        IReadOnlyList<DescriptorFault> faults = descriptor.Validate(windowLength);
        if (faults.Count == 0)
            return new MmbiRecognition(prior, $"{because}; the usual {Encoding(prior)} fit the window", descriptor, faults, offset) { IsPresent = true };
        foreach ((bool bigEndian, int unit) in (ReadOnlySpan<(bool, int)>)[(true, 1), (false, 8), (false, 1), (true, 8)])
        {
            MmbiDialect candidate = prior with { IsBigEndianDescriptor = bigEndian, AddressUnit = unit };
            if (!MmbiDescriptor.TryParse(bytes, candidate, out MmbiDescriptor? other, out _)) continue;
            if (other.Validate(windowLength).Count != 0) continue;
            return new MmbiRecognition(candidate, $"{because}, but only {Encoding(candidate)} fit the window", other, [], offset) { IsPresent = true };
        }

        return new MmbiRecognition(prior, $"{because}; no reading fits the window", descriptor, faults, offset) { IsPresent = true };
    }

    /// <summary>Reads a descriptor in a dialect that the user named.</summary>
    /// <param name="bytes">A private snapshot that starts with the descriptor.</param>
    /// <param name="windowLength">Bytes from the descriptor to the window's end.</param>
    /// <param name="dialect">The dialect.</param>
    /// <param name="offset">Where the descriptor stands in its window, for the record.</param>
    public static MmbiRecognition ReadAs(ReadOnlySpan<byte> bytes, long windowLength, MmbiDialect dialect, int offset = 0)
    {
        ArgumentNullException.ThrowIfNull(dialect);
        const string Configured = "the dialect was configured";
        if (!MmbiDescriptor.TryParse(bytes, dialect, out MmbiDescriptor? descriptor, out DescriptorFault? fault))
            return new MmbiRecognition(dialect, Configured, null, [fault], offset) { IsPresent = HasSignature(bytes) };
        return new MmbiRecognition(dialect, Configured, descriptor, descriptor.Validate(windowLength), offset) { IsPresent = true };
    }

    /// <summary>Finds the descriptor of an instance in a window and reads it. Only reads.</summary>
    /// <param name="window">The window.</param>
    /// <param name="instance">From 0.</param>
    /// <param name="dialect">The dialect, or null to recognise it.</param>
    public static MmbiRecognition Find(SharedRegion window, int instance, MmbiDialect? dialect)
    {
        ArgumentNullException.ThrowIfNull(window);
        return Find(window, instance, dialect, stackalloc byte[MmbiDescriptor.MaximumLength]);
    }

    /// <summary>As above; leaves the bytes that the answer was read from in <paramref name="bytes"/>.</summary>
    internal static MmbiRecognition Find(SharedRegion window, int instance, MmbiDialect? dialect, Span<byte> bytes)
    {
        MmbiRecognition first = Read(window, 0, dialect, bytes);
        if (instance == 0 || !first.IsAcceptable || !first.Dialect.HasDescriptorPerInstance) return first;

        // A descriptor does not tell how many siblings it has. The slice of the first does: its ring ends where the second starts.
        long half = window.Length / 2;
        int slices = first.Dialect.MaximumInstances;
        while (slices > 1 && first.Descriptor!.Instances[0].OwnerToHost.End > half / slices) slices /= 2;
        long slice = half / slices;
        if (instance < slices && slice % MmbiInstance.StatusLength == 0) return Read(window, (int)(instance * slice), first.Dialect, bytes);
        return new MmbiRecognition(
            first.Dialect,
            first.Explanation,
            null,
            [new DescriptorFault("instance", $"{instance}", $"is not one of the {slices} in the window") { IsUnreachable = true }],
            0);
    }

    /// <summary>Tells whether a window starts with the signature of a published descriptor (DSP0282). Two reads of 32 bits.</summary>
    /// <param name="window">The window, at least 8 bytes.</param>
    public static bool HasSignature(SharedRegion window)
    {
        ArgumentNullException.ThrowIfNull(window);
        Span<byte> start = stackalloc byte[2 * sizeof(uint)];
        window.CopyTo(0, start);
        return start.StartsWith(Standard);
    }

    /// <summary>How many instances the window holds; 0 when there is no acceptable descriptor.</summary>
    /// <param name="window">The window.</param>
    /// <param name="dialect">The dialect, or null to recognise it.</param>
    public static int CountInstances(SharedRegion window, MmbiDialect? dialect)
    {
        MmbiRecognition first = Find(window, 0, dialect);
        if (!first.IsAcceptable) return 0;
        if (!first.Dialect.HasDescriptorPerInstance) return first.Descriptor!.Instances.Count;
        int count = 1;
        while (count < first.Dialect.MaximumInstances && Find(window, count, dialect).IsAcceptable) count++;
        return count;
    }

    private static MmbiRecognition Read(SharedRegion window, int offset, MmbiDialect? dialect, Span<byte> bytes)
    {
        bytes.Clear();
        bytes = bytes[..Math.Min(bytes.Length, (window.Length - offset) & ~3)];
        window.CopyTo(offset, bytes);
        long length = window.Length - offset;
        return dialect is null ? Recognise(bytes, length, offset) : ReadAs(bytes, length, dialect, offset);
    }

    private static MmbiDialect Prior(ReadOnlySpan<byte> bytes, out string because)
    {
        because = "descriptor version 2";
        bool isFirst = bytes.Length >= FixedLength && (bytes[DescriptorFields.Version] & VersionMask) == MmbiDialect.V10Aspeed.Version;
        if (!isFirst) return MmbiDialect.V11;
        bool isVirtualWire = (bytes[HostInterruptType] & InterruptTypeMask) == (int)MmbiHostInterrupt.VirtualWire;
        because = $"descriptor version 1 {(isVirtualWire ? "with" : "without")} a virtual-wire interrupt";
        return isVirtualWire ? MmbiDialect.V10Espi : MmbiDialect.V10Aspeed;
    }

    private static bool HasSignature(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= SignatureLength && (bytes.StartsWith(Standard) || bytes.StartsWith(Draft));

    private static string Encoding(MmbiDialect dialect) =>
        $"{(dialect.IsBigEndianDescriptor ? "big" : "little")}-endian {(dialect.AddressUnit == 1 ? "byte offsets" : "offsets in units of 8")}";
}
