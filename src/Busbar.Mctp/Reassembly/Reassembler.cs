// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Starts, grows and ends assemblies on all links, within bounds: for each peer, for each link, and for all together. Who needs room ends the
/// oldest assembly of whoever reached the bound, so a flood hurts the link that it comes from.
/// </summary>
internal sealed class Reassembler
{
    private readonly MctpStackOptions _options;
    private readonly StackStatistics _statistics;
    private readonly MessagePool _pool;
    private readonly List<LinkPort> _ports;

    // Made when first needed and kept; their number has a bound.
    private readonly Stack<Assembly> _idle = [];

    private int _contexts;
    private int _bytes;

    public Reassembler(MctpStackOptions options, StackStatistics statistics, MessagePool pool, List<LinkPort> ports)
    {
        _options = options;
        _statistics = statistics;
        _pool = pool;
        _ports = ports;
    }

    /// <summary>No assembly times out before this time.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    public int Contexts => _contexts;

    public int Bytes => _bytes;

    /// <summary>Begins an assembly with the payload of a first packet that is not the last.</summary>
    public void Start(LinkPort port, uint header, byte type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long now)
    {
        uint key = header & Assembly.KeyMask;
        AssemblyTable table = port.Assemblies;
        if (table.Count != 0 && table.Find(key, port.Sender) is { } running) End(port, running, DropReason.Superseded);

        int unit = first.Length + second.Length;
        int source = (int)((header >> 16) & 0xFF);
        if (table.CountOf(source) >= _options.ReassemblyContextsPerPeer) End(port, table.OldestOf(source)!, DropReason.PeerQuota);
        if (table.Count >= _options.ReassemblyContextsPerLink) End(port, table.Oldest!, DropReason.LinkQuota);
        if (_contexts >= _options.ReassemblyContexts) EndOldestOfFullest(byBytes: false);

        int sizeClass = Math.Max(_pool.ClassFor(unit + 1), table.LikelyClass);
        MakeRoom(port, _pool.SizeOf(sizeClass), keep: null);

        Message message = _pool.Rent(sizeClass);
        message.Header = new MctpHeader(header);
        message.SetOrigin(port, port.Sender);
        WritePayload(message.Data, type, first, second);

        long deadline = now + _options.ReassemblyTimeout;
        if (deadline < NextDeadline) NextDeadline = deadline;
        if (!_idle.TryPop(out Assembly? assembly)) assembly = new Assembly();
        assembly.Begin(header, unit, message, deadline);
        table.Add(assembly);
        _contexts++;
        _bytes += message.Capacity;
    }

    /// <summary>A middle or last packet that was not simply the next full one of the link's latest assemblies.</summary>
    /// <returns>The assembly when the packet was added to it.</returns>
    public Assembly? Continue(LinkPort port, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        AssemblyTable table = port.Assemblies;
        Assembly? assembly = table.Count == 0 ? null : table.Find(header & Assembly.KeyMask, port.Sender);
        if (assembly is null)
        {
            port.CountDrop(_statistics, DropReason.NoAssembly);
            return null;
        }

        int length = first.Length + second.Length;
        bool last = new MctpHeader(header).IsEnd;
        DropReason? reason = null;
        if ((header & Assembly.ExpectedMask) != assembly.Expected) reason = DropReason.BadSequence;
        else if (_options.StrictPacketSizes && (length > assembly.Unit || (!last && length != assembly.Unit))) reason = DropReason.SizeChanged;
        else if (assembly.Length + length > _options.MaximumMessage) reason = DropReason.MessageTooLong;
        if (reason is not null)
        {
            End(port, assembly, reason.Value);
            return null;
        }

        if (assembly.Length + length > assembly.Data.Length) Grow(port, assembly, length);
        assembly.TryAppend(first, second);
        return assembly;
    }

    /// <summary>Takes the finished message out.</summary>
    public Message Finish(LinkPort port, Assembly assembly)
    {
        int unit = assembly.Unit;
        Message message = Release(port, assembly);
        message.Unit = unit;
        int fitting = _pool.ClassFor(message.Length);
        port.Assemblies.LikelyClass = fitting;

        // A guess that was too large must not make a short message count as a long one in a socket's queue.
        return fitting == message.SizeClass ? message : Move(message, fitting);
    }

    /// <summary>Ends the running assembly of a terminus, if there is one, because a new message begins there.</summary>
    public void Supersede(LinkPort port, uint header)
    {
        if (port.Assemblies.Find(header & Assembly.KeyMask, port.Sender) is { } running) End(port, running, DropReason.Superseded);
    }

    public void Expire(long now)
    {
        if (now < NextDeadline) return;
        long next = long.MaxValue;
        foreach (LinkPort port in _ports)
        {
            while (port.Assemblies.Oldest is { } oldest)
            {
                if (oldest.Deadline > now)
                {
                    next = Math.Min(next, oldest.Deadline);
                    break;
                }

                End(port, oldest, DropReason.AssemblyTimeout);
            }
        }

        NextDeadline = next;
    }

    public void EndAll(LinkPort port, DropReason reason)
    {
        while (port.Assemblies.Oldest is { } oldest) End(port, oldest, reason);
    }

    /// <summary>Copies a first packet's payload with the type byte that was judged, so that a peer cannot change it in between.</summary>
    public static void WritePayload(byte[] data, byte type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        data[0] = type;
        if (first.Length == 0)
        {
            second[1..].CopyTo(data.AsSpan(1));
            return;
        }

        first[1..].CopyTo(data.AsSpan(1));
        if (second.Length != 0) second.CopyTo(data.AsSpan(first.Length));
    }

    private void End(LinkPort port, Assembly assembly, DropReason reason)
    {
        _pool.Return(Release(port, assembly));
        port.CountDrop(_statistics, reason);
    }

    private Message Release(LinkPort port, Assembly assembly)
    {
        Message message = assembly.Message!;
        message.Length = assembly.Length;
        port.Assemblies.Remove(assembly);
        assembly.Clear();
        _idle.Push(assembly);
        _contexts--;
        _bytes -= message.Capacity;
        return message;
    }

    private void Grow(LinkPort port, Assembly assembly, int more)
    {
        Message small = assembly.Message!;
        small.Length = assembly.Length;
        int sizeClass = _pool.ClassFor(small.Length + more);
        MakeRoom(port, _pool.SizeOf(sizeClass), keep: assembly);
        int change = _pool.SizeOf(sizeClass) - small.Capacity;
        port.Assemblies.Bytes += change;
        _bytes += change;
        assembly.MoveTo(Move(small, sizeClass));
    }

    private Message Move(Message from, int sizeClass)
    {
        Message to = _pool.Rent(sizeClass);
        from.Data.AsSpan(0, from.Length).CopyTo(to.Data);
        to.Length = from.Length;
        to.Header = from.Header;
        to.Unit = from.Unit;
        to.SetOrigin(from.Port, from.Address);
        _pool.Return(from);
        return to;
    }

    // The bounds are checked to be at least one largest message, and what must be kept is counted as if it were gone: so room is always found.
    private void MakeRoom(LinkPort port, int bytes, Assembly? keep)
    {
        int kept = keep?.Message!.Capacity ?? 0;
        AssemblyTable table = port.Assemblies;
        while (table.Bytes - kept + bytes > _options.ReassemblyBytesPerLink && OldestBut(table, keep) is { } oldest)
            End(port, oldest, DropReason.LinkQuota);
        while (_bytes - kept + bytes > _options.ReassemblyBytes && EndOldestOfFullest(byBytes: true, keep))
        {
        }
    }

    private bool EndOldestOfFullest(bool byBytes, Assembly? keep = null)
    {
        LinkPort? fullest = null;
        int most = 0;
        foreach (LinkPort port in _ports)
        {
            int load = byBytes ? port.Assemblies.Bytes : port.Assemblies.Count;
            if (load <= most || OldestBut(port.Assemblies, keep) is null) continue;
            most = load;
            fullest = port;
        }

        if (fullest is null) return false;
        End(fullest, OldestBut(fullest.Assemblies, keep)!, DropReason.MemoryBound);
        return true;
    }

    private static Assembly? OldestBut(AssemblyTable table, Assembly? keep) =>
        ReferenceEquals(table.Oldest, keep) ? table.Oldest?.Newer : table.Oldest;
}
