// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>
/// One end of one MMBI instance: two rings and the state machine that brings them up, resets them and survives whatever the other end does
/// (DSP0282, initialisation and reset). Owner and discoverer are the same engine.
/// </summary>
/// <remarks>
/// The channel owns no thread, clock or lock. Everything happens inside the calls below, which the caller serialises and which are bounded.
/// Time is monotonic milliseconds. Nothing that a peer writes makes a call throw, loop, or touch memory outside the window; it ends in a
/// reset with a reason.
/// </remarks>
public sealed partial class MmbiChannel
{
    // The longest chain of steps that one poll makes: acknowledge, start over, join, look at the new state. More waits for the next poll.
    private const int StepsPerPoll = 8;

    private readonly SharedRegion _window;
    private readonly MmbiChannelOptions _options;
    private readonly MmbiTimings _timings;
    private readonly IMmbiDoorbell _doorbell;
    private readonly MmbiLayout? _layout;

    private MmbiPhase _phase;
    private MmbiReason _reason;
    private MmbiPlacement? _placement;
    private MmbiProducer? _producer;
    private MmbiConsumer? _consumer;
    private int _own0;
    private int _own1;
    private int _peer0;
    private int _peer1;
    private uint _shadow0;          // our words as we last wrote them, while no ring is running
    private uint _shadow1;
    private int _bell = -1;
    private byte _bellValue;

    private bool _isStarted;
    private bool _isLive;           // our words hold the rings' pointers, so flags must be changed around them
    private bool _isUp;
    private bool _isBlocked;

    // Whoever takes part asks for doorbells from the start, so that a peer which is there already can wake him.
    private bool _wantsRing = true;
    private long _nextTick = long.MinValue;
    private long _lastTick;
    private long _since;
    private long _ringAgainAt;
    private long _verifyAt;
    private int _interval;
    private long _activity;
    private uint _lastPeer0;
    private uint _lastPeer1;

    /// <summary>Creates one end. The window is first touched by the first <see cref="Poll"/>.</summary>
    /// <param name="window">The window; must outlive the channel's calls.</param>
    /// <param name="options">Role and behaviour.</param>
    /// <exception cref="ArgumentException">An owner's instances do not fit into the window.</exception>
    public MmbiChannel(SharedRegion window, MmbiChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Instance, nameof(options));
        _window = window;
        _options = options;
        _timings = options.Timings;
        _doorbell = options.Doorbell;
        _interval = _timings.ShortestPoll;
        _phase = options.Role == MmbiRole.Owner ? MmbiPhase.Initialising : MmbiPhase.Searching;
        if (options.Role != MmbiRole.Owner) return;
        int usable = options.UsableLength == 0 ? window.Length : options.UsableLength;
        _layout = MmbiLayout.Create(options.Dialect ?? MmbiDialect.V11, window.Length, options.Instances, usable, options.Interrupts, options.DoorbellArea);
        if (options.Instance >= options.Instances)
            throw new ArgumentException($"There is no instance {options.Instance} in a window of {options.Instances}; they count from 0.", nameof(options));
        Settle(_layout.Dialect, _layout.Placements[options.Instance], options.DetectHeaders ?? false);
    }

    /// <summary>
    /// Every transition, and refused descriptors. Raised inside the calls of this class; handlers must not call back into it.
    /// </summary>
    public event Action<MmbiEvent>? Transition;

    /// <summary>Our role.</summary>
    public MmbiRole Role => _options.Role;

    /// <summary>The instance, from 0.</summary>
    public int Instance => _options.Instance;

    /// <summary>The dialect in use; null while a discoverer has not recognised one.</summary>
    public MmbiDialect? Dialect { get; private set; }

    /// <summary>Where the instance lies; null while a discoverer has not found it.</summary>
    public MmbiPlacement? Placement => _placement;

    /// <summary>What the last look at the descriptor found; null for owners and before the first look.</summary>
    public MmbiRecognition? Recognition { get; private set; }

    /// <summary>The state as of the last look.</summary>
    public MmbiState State { get; private set; }

    /// <summary>What the channel is doing about it.</summary>
    public MmbiPhase Phase => _phase;

    /// <summary>True while packets can flow: runtime, and the peer has said once that it is ready or has sent something.</summary>
    public bool IsUp => _isUp;

    /// <summary>Counters.</summary>
    public MmbiStatistics Statistics { get; } = new();

    /// <summary>The writing end; null while there is no placement. Its cursors mean something only while <see cref="IsUp"/>.</summary>
    public MmbiProducer? Producer => _producer;

    /// <summary>The reading end; null while there is no placement.</summary>
    public MmbiConsumer? Consumer => _consumer;

    /// <summary>True when the peer can wake us.</summary>
    public bool CanWake => _doorbell.CanWake;

    /// <summary>
    /// When <see cref="Poll"/> must be called at the latest: monotonic milliseconds; <see cref="long.MaxValue"/> when closed.
    /// </summary>
    public long NextDeadline
    {
        get
        {
            if (_phase == MmbiPhase.Closed) return long.MaxValue;
            bool isRunning = _phase == MmbiPhase.Running && _isUp;

            // Blocked for space: peers do not reliably ring when they have read. An unhandled violation: the next poll resets.
            if (isRunning && (_isBlocked || _nextTick == long.MinValue)) return _lastTick + 1;
            if (!isRunning || !_doorbell.CanWake) return _lastTick + _interval;
            return _lastTick + (_producer!.Unread > 0 ? _timings.RingAgainInterval : _timings.WatchInterval);
        }
    }

    /// <summary>
    /// One bounded turn: looks at the peer's words and moves the state machine on. In runtime with nothing new this is one load.
    /// </summary>
    /// <param name="now">Monotonic milliseconds, never less than before.</param>
    /// <returns>True when packets wait for <see cref="TryReceive"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Poll(long now)
    {
        if (_phase == MmbiPhase.Running && now < _nextTick)
        {
            // The peer's write pointer, UP and RST share one word: if it did not change, or only its pointer moved, the state stands.
            MmbiConsumer consumer = _consumer!;
            uint word = consumer.Load();
            if (word == consumer.Seen || (((word ^ consumer.Seen) & StatusWords.FlagMask) == 0 && consumer.Accept(word)))
            {
                if (consumer.Available != 0) return true;
                if (consumer.Owed != 0) PublishRead(consumer);
                return false;
            }
        }

        return PollFully(now);
    }

    /// <summary>
    /// False when nothing has changed since the last <see cref="Poll"/>: in runtime the peer's first word is what it was and no packet waits. Outside runtime
    /// always true.
    /// </summary>
    public bool HasChanged => _phase != MmbiPhase.Running || _consumer!.Available != 0 || _consumer.Load() != _consumer.Seen;

    /// <summary>Asks for a reset of both ends; packets under way are lost. Ignored unless the channel is in runtime.</summary>
    /// <param name="reason">What to count it as, usually <see cref="MmbiReason.Requested"/>.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>True when a reset was started; an owner that never resets does not.</returns>
    public bool RequestReset(MmbiReason reason, long now)
    {
        if (_phase != MmbiPhase.Running || NeverResets) return false;
        Statistics.CountReset(reason, byPeer: false);
        _reason = reason;
        _producer!.Abort();
        if (Role == MmbiRole.Owner) RequestResetAsOwner(now);
        else RequestResetAsDiscoverer(now);
        return true;
    }

    /// <summary>
    /// Tells what only the outside knows: the process behind the peer is gone, or is another one now. Its words in the window are those of
    /// a dead one.
    /// </summary>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="isReplaced">
    /// True when another process is known to have taken its place already. Then a discoverer must not wait for an owner that is yet to start: this one may
    /// have zeroed everything before the news came, and would not do it again.
    /// </param>
    /// <param name="reason">What to tell and count it as.</param>
    public void PeerVanished(long now, bool isReplaced = false, MmbiReason reason = MmbiReason.PeerVanished)
    {
        if (_phase is MmbiPhase.Closed or MmbiPhase.Searching or MmbiPhase.Initialising) return;
        if (Role == MmbiRole.Owner && _phase == MmbiPhase.WaitingForPeer && !IsUpSet(_window.Read32(_peer0))) return;

        // Whoever leaves in order takes its UP away first; the news of its end can overtake that.
        Lose(reason != MmbiReason.PeerVanished || IsUpSet(_window.Read32(_peer0)) ? reason : MmbiReason.PeerLeft, now);
        if (Role == MmbiRole.Discoverer && !isReplaced) AwaitAnotherOwner();
    }

    /// <summary>
    /// Takes our end down in order: RDY and UP are cleared, pointers stay, the peer is rung. The channel cannot be opened again.
    /// </summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Close(long now)
    {
        if (_phase == MmbiPhase.Closed) return;
        if (_placement is not null && (_isStarted || Role == MmbiRole.Discoverer) && _phase != MmbiPhase.Searching)
        {
            AbandonRings();
            WriteOwn1(_shadow1 & StatusWords.PointerMask);
            WriteOwn0(_shadow0 & StatusWords.PointerMask);
            Ring();
        }

        Enter(MmbiPhase.Closed, now);
        Note(now, MmbiReason.Closed);
    }

    /// <summary>
    /// Announces that the caller is about to sleep: tells the peer how far we have read, asks it to ring, fences, and looks again. The peer
    /// stores its pointer, fences, and reads our wish; so at least one of the two sees the other's store.
    /// </summary>
    /// <returns>True when there is nothing to do; false when there is, and then the peer was told that we poll.</returns>
    public bool PrepareSleep()
    {
        if (_phase == MmbiPhase.Closed) return true;
        if (IsReceiving && _consumer!.Owed != 0) PublishRead(_consumer);
        _wantsRing = true;
        _doorbell.SetWanted(true);
        Interlocked.MemoryBarrier();
        if (!HasNews()) return true;
        CancelSleep();
        return false;
    }

    /// <summary>Announces that the caller polls again. Idempotent.</summary>
    public void CancelSleep()
    {
        if (!_wantsRing) return;
        _wantsRing = false;
        _doorbell.SetWanted(false);
    }

    private bool NeverResets => _options.NeverResets && Role == MmbiRole.Owner;

    private bool HasNews()
    {
        if (_phase == MmbiPhase.Searching) return HasNewDescriptor();
        uint word0 = _window.Read32(_peer0);
        uint word1 = _window.Read32(_peer1);
        if (_phase != MmbiPhase.Running)
            return word0 != _lastPeer0 || word1 != _lastPeer1 || (_phase == MmbiPhase.Draining && _consumer!.Available != 0);
        if (word0 != _consumer!.Seen || _consumer.Available != 0) return true;
        bool wasReady = _producer!.IsPeerReady;
        return !_producer.Look() || _producer.IsPeerReady != wasReady || (!_isUp && _producer.IsPeerReady) || (_isBlocked && word1 != _lastPeer1);
    }

    private bool PollFully(long now)
    {
        bool moved = false;
        for (int step = 0; step < StepsPerPoll && Step(now); step++) moved = true;
        _lastTick = now;

        // Until the link is up each poll counts; afterwards the full look comes once a millisecond.
        _nextTick = _phase == MmbiPhase.Running && _isUp ? now + 1 : long.MinValue;
        long activity = Statistics.PacketsSent + Statistics.PacketsReceived;
        bool waitsForRing = _doorbell.CanWake && _phase is MmbiPhase.Searching or MmbiPhase.WaitingForPeer;
        int slowest = waitsForRing ? _timings.WatchInterval : _timings.LongestPoll;
        bool hasPackets = IsReceiving && _consumer!.Available != 0;
        _interval = moved || hasPackets || activity != _activity ? _timings.ShortestPoll : Math.Min(slowest, _interval * 2);
        _activity = activity;
        return hasPackets;
    }

    /// <summary>Makes one step of the state machine; true when it led somewhere and another look is worthwhile.</summary>
    private bool Step(long now)
    {
        if (_phase is not (MmbiPhase.Searching or MmbiPhase.Closed))
        {
            _lastPeer0 = _window.Read32(_peer0);
            _lastPeer1 = _window.Read32(_peer1);
        }

        return _phase switch
        {
            MmbiPhase.Closed => false,
            MmbiPhase.Running => StepRunning(now),
            MmbiPhase.Draining => StepDraining(now),
            _ => Role == MmbiRole.Owner ? StepOwner(now) : StepDiscoverer(now),
        };
    }

    [MemberNotNull(nameof(_placement), nameof(Dialect))]
    private void Settle(MmbiDialect dialect, MmbiPlacement placement, bool detects)
    {
        bool isOwner = Role == MmbiRole.Owner;
        Dialect = dialect;
        _placement = placement;
        _own0 = isOwner ? placement.Ros : placement.Rws;
        _peer0 = isOwner ? placement.Rws : placement.Ros;
        _own1 = _own0 + StatusWords.SecondWord;
        _peer1 = _peer0 + StatusWords.SecondWord;
        MmbiRing sending = isOwner ? placement.OwnerToHost : placement.HostToOwner;
        MmbiRing receiving = isOwner ? placement.HostToOwner : placement.OwnerToHost;
        _producer = new MmbiProducer(_window, new RingEnd(sending, _own0, _peer1), dialect);
        _consumer = new MmbiConsumer(_window, new RingEnd(receiving, _own1, _peer0), dialect, Candidates(dialect, detects));
    }

    private static MmbiHeaderFormat[] Candidates(MmbiDialect dialect, bool detects)
    {
        MmbiHeaderFormat usual = dialect.HeaderFormat;
        if (detects) return [usual, .. MmbiHeaderFormat.All.Where(other => other != usual)];
        return usual == MmbiHeaderFormat.LittleEndianPayload ? [usual, MmbiHeaderFormat.LittleEndianRoundedDown] : [usual];
    }

    private void Enter(MmbiPhase phase, long now)
    {
        _phase = phase;
        _since = now;
        _ringAgainAt = now + _timings.RingAgainInterval;
    }

    /// <summary>Compares the state with the last one and reports a difference.</summary>
    private void Note(long now, MmbiReason reason)
    {
        if (_placement is null) return;
        uint own = OwnWord0;
        uint peer = _window.Read32(_peer0);
        MmbiState state = Role == MmbiRole.Owner ? MmbiState.From(own, peer) : MmbiState.From(peer, own);
        if (state == State) return;
        MmbiState old = State;
        State = state;
        Transition?.Invoke(new MmbiEvent(now, Instance, Role, old, state, _phase, reason));
    }

    private void NoteWithoutTransition(long now, MmbiReason reason) =>
        Transition?.Invoke(new MmbiEvent(now, Instance, Role, State, State, _phase, reason));
}
