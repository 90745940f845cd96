// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// One attachment of a stack to a medium: takes whole MCTP packets, gives whole MCTP packets, knows nothing of messages.
/// A link owns no thread, clock or descriptor; whoever owns the stack calls it under the stack's serialisation.
/// </summary>
/// <remarks>
/// Sending is admission, then writes, then one flush: the stack asks <see cref="Room"/> for a whole message, stages each packet with
/// <see cref="Write"/>, and publishes the batch with <see cref="Flush"/>, which rings at most one doorbell.
/// </remarks>
public abstract class MctpLink
{
    /// <summary>The smallest legal MTU: the 64-byte baseline transmission unit plus the 4-byte header (DSP0236, 8.3).</summary>
    public const int MinimumMtu = 68;

    private MctpStack? _stack;
    private int _mtu = MinimumMtu;
    private int _administrativeMtu;
    private bool _isMediumUp;

    /// <summary>Initialises the parts that all links share.</summary>
    /// <param name="name">What users call the link; unique in a stack.</param>
    /// <param name="binding">The physical transport binding (DSP0239).</param>
    protected MctpLink(string name, PhysicalBinding binding)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Binding = binding;
    }

    /// <summary>What users call the link.</summary>
    public string Name { get; }

    /// <summary>The physical transport binding (DSP0239).</summary>
    public PhysicalBinding Binding { get; }

    /// <summary>The number of the link in its stack, from 1; 0 while it belongs to none.</summary>
    public int Index { get; internal set; }

    /// <summary>The MCTP network of the link; 1 unless configured otherwise.</summary>
    public uint Network { get; internal set; } = 1;

    /// <summary>
    /// Largest packet that we send, in bytes, the 4-byte header included, as Linux counts it. At least <see cref="MinimumMtu"/>. What a link sets here is what its
    /// medium takes (<see cref="MaximumMtu"/>); <see cref="AdministrativeMtu"/> may lower what is read.
    /// </summary>
    public int Mtu
    {
        get => _mtu;
        protected set
        {
            MaximumMtu = value;
            ApplyMtu();
        }
    }

    /// <summary>The largest packet that the medium takes, in bytes, header included: what <see cref="Mtu"/> is without an administrator's limit.</summary>
    public int MaximumMtu { get; private set; } = MinimumMtu;

    /// <summary>An administrator's limit for <see cref="Mtu"/>, in bytes, header included; 0 for none. One above <see cref="MaximumMtu"/> has no effect.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Neither 0 nor at least <see cref="MinimumMtu"/>.</exception>
    public int AdministrativeMtu
    {
        get => _administrativeMtu;
        set
        {
            if (value != 0) ArgumentOutOfRangeException.ThrowIfLessThan(value, MinimumMtu);
            _administrativeMtu = value;
            ApplyMtu();
        }
    }

    /// <summary>True while packets can flow: the medium is up, and no administrator has taken the link down.</summary>
    public bool IsUp { get; private set; }

    /// <summary>False while an administrator wants no packet in or out; see <see cref="SetAdministrativelyUp"/>.</summary>
    public bool IsAdministrativelyUp { get; private set; } = true;

    /// <summary>Our own physical address on the medium; empty where the medium has none.</summary>
    public virtual PhysicalAddress Address => default;

    /// <summary>Packets and bytes by direction, and drops by reason.</summary>
    public LinkStatistics Statistics { get; } = new();

    /// <summary>
    /// Tells whether a whole message fits. Answering <see cref="SendRoom.Now"/> promises that the next
    /// <paramref name="packets"/> writes of together <paramref name="bytes"/> bytes succeed, unless the link goes down first.
    /// </summary>
    /// <param name="packets">Packets of the message, at least 1.</param>
    /// <param name="bytes">Their MCTP bytes together, headers included.</param>
    public abstract SendRoom Room(int packets, int bytes);

    /// <summary>Stages one packet; nobody sees it before <see cref="Flush"/>. The link copies the bytes before it returns.</summary>
    /// <param name="to">Physical destination; ignored where the medium has no addresses.</param>
    /// <param name="header">The MCTP transport header.</param>
    /// <param name="first">First part of the packet's payload (a message type byte, or a piece of a forwarded packet); may be empty.</param>
    /// <param name="second">The rest of the payload; may be empty.</param>
    /// <returns>False when there is no room or the link is down: nothing was staged.</returns>
    public abstract bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second);

    /// <summary>
    /// Stages all packets of a message that <see cref="Room"/> admitted. Links for which a call per packet matters override it with a sink of
    /// their own for <see cref="Packetiser.Write"/>.
    /// </summary>
    /// <param name="to">Physical destination.</param>
    /// <param name="header">Version, EIDs, TO and tag; SOM, EOM and sequence clear.</param>
    /// <param name="type">Type byte with IC bit.</param>
    /// <param name="body">The body without it.</param>
    /// <param name="unit">Payload bytes per packet.</param>
    /// <returns>False when the link went down in between.</returns>
    public virtual bool WriteMessage(in PhysicalAddress to, MctpHeader header, byte type, ReadOnlySpan<byte> body, int unit)
    {
        if (body.Length < unit) return Write(to, header.AsWhole(), new ReadOnlySpan<byte>(in type), body);
        var sink = new LinkSink(this, to);
        return Packetiser.Write(ref sink, header, type, body, unit);
    }

    /// <summary>Publishes everything staged and, where the medium has doorbells, rings at most once. Cheap when nothing is staged.</summary>
    public abstract void Flush();

    /// <summary>
    /// One bounded turn: moves the link's own state machine on and hands arrived packets to <see cref="PollContext.Deliver(MctpLink, MctpHeader, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> until none are
    /// left or <see cref="PollContext.IsDone"/>.
    /// </summary>
    /// <param name="context">Time, budget and destination of this turn.</param>
    public abstract void Poll(ref PollContext context);

    /// <summary>
    /// False when <see cref="Poll"/> would certainly find nothing new at the moment. For threads that spin: it costs a load and changes nothing, so that they
    /// poll only when it pays. Timers are not news; see <see cref="NextDeadline"/>.
    /// </summary>
    public virtual bool HasNews => true;

    /// <summary>When <see cref="Poll"/> must be called at the latest even if nothing arrives: monotonic milliseconds, <see cref="long.MaxValue"/> for never.</summary>
    public virtual long NextDeadline => long.MaxValue;

    /// <summary>False when the peer has no way to ring us, so that somebody must poll; <see cref="NextDeadline"/> then says how often.</summary>
    public virtual bool CanWake => true;

    /// <summary>
    /// Announces that the caller is about to sleep until the link's doorbell rings: asks the peer to ring, fences, and looks again.
    /// </summary>
    /// <returns>True when nothing is waiting, so that sleeping is right (see <see cref="CanWake"/>); false when there is work.</returns>
    public virtual bool PrepareSleep() => true;

    /// <summary>
    /// An administrator takes the link down, or lets it up again. While it is down nothing is sent, and what arrives is dropped and counted; the medium itself goes
    /// on as it is, so that the link is up at once when it may be.
    /// </summary>
    /// <param name="up">The new wish.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void SetAdministrativelyUp(bool up, long now)
    {
        if (IsAdministrativelyUp == up) return;
        IsAdministrativelyUp = up;
        bool was = IsUp;
        ApplyState(now);
        if (IsUp == was) _stack?.LinkSettingChanged(this);
    }

    /// <summary>Announces that the caller polls again, so that the peer can save its doorbells. Pairs with every <see cref="PrepareSleep"/>.</summary>
    public virtual void CancelSleep()
    {
    }

    /// <summary>Takes the link down in order (peers are told, resources stay mapped). Called when the link leaves its stack.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public virtual void Close(long now)
    {
    }

    /// <summary>What the stack keeps about this link; null while it belongs to none.</summary>
    internal LinkPort? Port { get; set; }

    internal void Attach(MctpStack stack, int index, uint network)
    {
        _stack = stack;
        Index = index;
        Network = network;
    }

    internal void Detach()
    {
        _stack = null;
        Port = null;
        Index = 0;
    }

    /// <summary>Counts something that the link itself had to throw away, such as a packet with a bad check sequence.</summary>
    /// <param name="reason">Why.</param>
    protected void CountDrop(DropReason reason)
    {
        if (_stack is { } stack) stack.CountDrop(this, reason);
        else Statistics.Drops.Count(reason);
    }

    /// <summary>
    /// Records a change of state. Going down makes the stack drop reassembly and fail the requests that were outstanding on this link.
    /// </summary>
    /// <param name="up">The new state.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    protected void ReportState(bool up, long now)
    {
        if (_isMediumUp == up) return;
        _isMediumUp = up;
        ApplyState(now);
    }

    private void ApplyState(long now)
    {
        bool up = _isMediumUp && IsAdministrativelyUp;
        if (IsUp == up) return;
        IsUp = up;
        _stack?.LinkStateChanged(this, now);
    }

    private void ApplyMtu()
    {
        int mtu = _administrativeMtu == 0 ? MaximumMtu : Math.Min(MaximumMtu, _administrativeMtu);
        if (mtu == _mtu) return;
        _mtu = mtu;
        _stack?.LinkSettingChanged(this);
    }
}
