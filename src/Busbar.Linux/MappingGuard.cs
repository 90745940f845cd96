// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// For tests and fuzzing: puts mappings of shared memory between guards, so that an access outside of them is seen. A guard is some pages of canaries, which tell of writes when somebody
/// looks, and behind these pages that nobody may touch, where any access ends the process on the spot.
/// </summary>
/// <remarks>Any thread. Mappings that exist already stay as they are.</remarks>
internal sealed unsafe class MappingGuard
{
    private const byte Canary = 0xC7;
    private const int MostFindings = 16;

    private static readonly nuint s_page = (nuint)Environment.SystemPageSize;

    private readonly Lock _lock = new();
    private readonly nuint _canaries;
    private readonly Dictionary<nint, nuint> _mappings = [];
    private readonly List<string> _findings = [];
    private nint _newest;

    /// <summary>A guard that surrounds what <see cref="MemoryMapping.Guard"/> it is given to.</summary>
    /// <param name="canaryPages">Pages of canaries on each side; 0 lets the first byte outside end the process, reads included.</param>
    public MappingGuard(int canaryPages)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(canaryPages);
        _canaries = (nuint)canaryPages * s_page;
    }

    /// <summary>The mapping that was made last and its length, for whoever wants to prove that the guard sees what lies beside it.</summary>
    public (nint Address, nuint Length) Newest
    {
        get
        {
            lock (_lock) return (_newest, _mappings.GetValueOrDefault(_newest));
        }
    }

    /// <summary>Looks at every canary; those of mappings that are gone were looked at when they went.</summary>
    /// <returns>What was found since the last look, or null.</returns>
    public string? TakeFindings()
    {
        lock (_lock)
        {
            foreach ((nint address, nuint length) in _mappings) Inspect(address, length);
            if (_findings.Count == 0) return null;
            string all = string.Join("; ", _findings);
            _findings.Clear();
            return all;
        }
    }

    /// <summary>Makes room for a mapping between guards.</summary>
    /// <returns>Where to map, over what is there; or <see cref="NativeMemoryMap.MAP_FAILED"/>.</returns>
    public nint Reserve(nuint length)
    {
        nuint whole = WholeOf(length);
        nint start = NativeMemoryMap.MapAnonymous(
            0, whole, NativeMemoryMap.PROT_NONE, NativeMemoryMap.MAP_PRIVATE | NativeMemoryMap.MAP_ANONYMOUS | NativeMemoryMap.MAP_NORESERVE, -1, 0);
        if (start == NativeMemoryMap.MAP_FAILED) return start;
        nint address = start + (nint)(s_page + _canaries);
        if (_canaries != 0)
        {
            // SAFETY: both ranges are pages of the reservation, which is nobody else's; they are writable once the calls succeeded.
            foreach (nint guard in (ReadOnlySpan<nint>)[FrontOf(address), BackOf(address, length)])
            {
                if (NativeMemoryMap.Protect(guard, _canaries, NativeMemoryMap.PROT_READ | NativeMemoryMap.PROT_WRITE) == 0) SpanOf(guard).Fill(Canary);
            }
        }

        lock (_lock) _mappings.Add(_newest = address, length);
        return address;
    }

    /// <summary>Looks at a mapping's canaries for the last time and unmaps all of it.</summary>
    public bool Release(nint address, nuint length)
    {
        lock (_lock)
        {
            Inspect(address, length);
            _mappings.Remove(address);
        }

        return NativeMemoryMap.Unmap(FrontOf(address) - (nint)s_page, WholeOf(length)) == 0;
    }

    private static nuint Rounded(nuint length) => (length + s_page - 1) / s_page * s_page;

    private nuint WholeOf(nuint length) => Rounded(length) + (2 * (_canaries + s_page));

    private nint FrontOf(nint address) => address - (nint)_canaries;

    private static nint BackOf(nint address, nuint length) => address + (nint)Rounded(length);

    private Span<byte> SpanOf(nint guard) => new((void*)guard, (int)_canaries);

    // SAFETY: the mapping is listed, so its guards are there.
    private void Inspect(nint address, nuint length)
    {
        Inspect(SpanOf(FrontOf(address)), length, "in front of");
        Inspect(SpanOf(BackOf(address, length)), length, "behind");
    }

    private void Inspect(Span<byte> canaries, nuint length, string where)
    {
        int at = canaries.IndexOfAnyExcept(Canary);
        if (at < 0) return;
        if (_findings.Count < MostFindings) _findings.Add($"{canaries[at]:x2} was written {where} a mapping of {length} bytes, at {at} of {canaries.Length} guarding ones");
        canaries.Fill(Canary);
    }
}
