// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <content>The discoverer's half of the state machine.</content>
public sealed partial class MmbiChannel
{
    private const uint DeadOwnerMark = 0x4;

    private readonly byte[] _descriptor = new byte[MmbiDescriptor.MaximumLength];
    private bool _isRefused;
    private long _refuseAt = long.MinValue;
    private long _staleSince = long.MaxValue;
    private long _answerAt = long.MinValue;
    private bool _awaitsOwner;
    private ulong _deadStatus;

    private bool StepDiscoverer(long now) => _phase switch
    {
        MmbiPhase.Searching => Search(now),
        MmbiPhase.WaitingForPeer => StepWaitingForOwner(now),
        MmbiPhase.Settling => StepSettling(now),
        MmbiPhase.ResetRequested => StepResetRequestedAsDiscoverer(now),
        MmbiPhase.ResetAcknowledged => StepResetAcknowledged(now),
        MmbiPhase.Refusing => StepRefusing(now),
        _ => false,
    };

    private bool HasNewDescriptor()
    {
        // Only the descriptor's own bytes: what follows may be status words and a ring.
        Span<byte> bytes = stackalloc byte[MmbiDescriptor.MaximumLength];
        bytes = bytes[..(Recognition?.Descriptor?.Length ?? DescriptorFields.FixedLength)];
        int at = Recognition?.Offset ?? 0;
        _window.CopyTo(at, bytes[..Math.Min(bytes.Length, (_window.Length - at) & ~3)]);
        return !bytes.SequenceEqual(_descriptor.AsSpan(0, bytes.Length));
    }

    /// <summary>
    /// Looks at the descriptor. It counts as found as soon as the status structures can be reached, since a refusal needs them.
    /// </summary>
    private bool Search(long now)
    {
        bool isNew = HasNewDescriptor();
        if (!isNew && Recognition is { IsAcceptable: false }) return false;
        MmbiRecognition found = MmbiRecognition.Find(_window, Instance, _options.Dialect, _descriptor);
        Recognition = found;
        if (!found.IsPresent) return false;
        int index = found.Dialect.HasDescriptorPerInstance ? 0 : Instance;
        bool isThere = found.Descriptor is not null && index < found.Descriptor.Instances.Count;
        bool isReachable = isThere && !found.Faults.Any(fault => fault.IsUnreachable);
        _isRefused = !found.IsAcceptable || !isReachable;
        if (_isRefused && isNew)
        {
            Statistics.DescriptorsRejected++;
            NoteWithoutTransition(now, MmbiReason.DescriptorRejected);
        }

        if (!isReachable) return false;
        Adopt(found, MmbiPlacement.Of(found.Descriptor!.Instances[index], found.Offset));
        Enter(MmbiPhase.WaitingForPeer, now);
        _staleSince = long.MaxValue;
        return true;
    }

    /// <summary>
    /// True when the window now holds another good descriptor than the one that we work with. A damaged one is the owner's to repair.
    /// </summary>
    private bool HasMoved()
    {
        if (!HasNewDescriptor()) return false;
        MmbiRecognition found = MmbiRecognition.Find(_window, Instance, _options.Dialect);
        if (!found.IsAcceptable) return false;
        int index = found.Dialect.HasDescriptorPerInstance ? 0 : Instance;
        return index >= found.Descriptor!.Instances.Count || found.Dialect != Dialect
            || MmbiPlacement.Of(found.Descriptor.Instances[index], found.Offset) != _placement;
    }

    private void Adopt(MmbiRecognition found, MmbiPlacement placement)
    {
        bool detects = _options.DetectHeaders ?? _options.Dialect is null;
        if (_isRefused)
        {
            // Enough of a placement to raise H_RST; the rings must not be believed.
            _placement = placement;
            Dialect = found.Dialect;
            _own0 = placement.Rws;
            _peer0 = placement.Ros;
            _own1 = _own0 + StatusWords.SecondWord;
            _peer1 = _peer0 + StatusWords.SecondWord;
            _producer = null;
            _consumer = null;
            _bell = -1;
            return;
        }

        // A reset usually finds the same descriptor again; then the ring ends are as good as new after the reset that joining gives them.
        if (_producer is null || placement != _placement || found.Dialect != Dialect) Settle(found.Dialect, placement, detects);
        MmbiInterrupts interrupts = found.Descriptor!.Interrupts;
        bool writesByte = _options.WritesDoorbellByte ?? _window.Access == Memory.RegionAccess.Mmio;
        bool hasByte = writesByte && interrupts is { OwnerType: MmbiOwnerInterrupt.ByteWrite, OwnerLocation: not null };
        _bell = hasByte ? checked((int)interrupts.OwnerLocation! + found.Offset) : -1;
        _bellValue = interrupts.OwnerValue;
    }

    /// <summary>Waits for 0x8 and joins (T3), whatever an earlier user of our structure left behind.</summary>
    private bool StepWaitingForOwner(long now)
    {
        uint ros = _lastPeer0;
        uint rws = _window.Read32(_own0);
        if (_window.Read32(_peer0) != ros) return true;
        _shadow0 = rws;
        _shadow1 = _window.Read32(_own1);
        if (ros == StatusWords.DeadLink || HasNewDescriptor())
        {
            // Also when the structures were found in the wrong place: nothing there would ever change.
            Enter(MmbiPhase.Searching, now);
            return ros != StatusWords.DeadLink;
        }

        Note(now, MmbiReason.Initialisation);
        if (IsReset(ros)) return AnswerWhileWaiting(ros, now);
        if (!IsUpSet(ros))
        {
            _awaitsOwner = false;
            ClearOwnWords();
            Note(now, MmbiReason.Initialisation);
            return false;
        }

        if (IsOwnerDead()) return now - _since >= _timings.AcknowledgeLimit && Refuse(now);

        if (IsUpSet(rws))
        {
            // 0xA or 0xB at first sight: the pointers belong to somebody who is gone, so the session is not ours to join.
            Statistics.CountReset(MmbiReason.StalePointers, byPeer: false);
            _reason = MmbiReason.StalePointers;
            RaiseReset(now);
            return true;
        }

        if (IsReset(rws))
        {
            Enter(MmbiPhase.Refusing, now);
            return true;
        }

        return StepInitCompleted(now);
    }

    /// <summary>
    /// After an owner died its words still say that it is up. A living one zeroes our structure when it starts or finds old pointers in it,
    /// so we leave a mark there: a read pointer that no flag accompanies. While the mark stands and nothing else moved, nobody is there to
    /// join. A refusal now and then asks owners that do not react to the mark.
    /// </summary>
    private void AwaitAnotherOwner()
    {
        if (_placement is null) return;
        _awaitsOwner = true;
        _deadStatus = _window.Read64(_peer0);
        WriteOwn1(DeadOwnerMark);
    }

    private bool IsOwnerDead()
    {
        if (_awaitsOwner && (_shadow1 != DeadOwnerMark || _window.Read64(_peer0) != _deadStatus)) _awaitsOwner = false;
        return _awaitsOwner;
    }

    private bool StepInitCompleted(long now)
    {
        ClearOwnWords();
        if (_isRefused) return Refuse(now);
        if (((_lastPeer0 | _lastPeer1) & StatusWords.PointerMask) != 0)
        {
            // The owner has not started over. It usually notices by itself; otherwise a refusal makes it.
            if (_staleSince == long.MaxValue) _staleSince = now;
            return now - _staleSince >= _timings.StaleHold && Refuse(now);
        }

        _staleSince = long.MaxValue;
        EnterRuntime(now);
        return true;
    }

    /// <summary>T5.</summary>
    private bool Refuse(long now)
    {
        if (now < _refuseAt) return false;
        _refuseAt = now + _timings.RefusalInterval;
        _staleSince = long.MaxValue;
        Statistics.CountReset(MmbiReason.Mismatch, byPeer: false);
        _reason = MmbiReason.Mismatch;
        Enter(MmbiPhase.Refusing, now);
        WriteOwn0(StatusWords.Reset);
        Ring();
        Note(now, MmbiReason.Mismatch);
        return false;
    }

    private bool StepRefusing(long now)
    {
        uint rws = _window.Read32(_own0);
        bool isHeard = !IsReset(rws) || !IsUpSet(_lastPeer0);
        if (!isHeard && now - _since < _timings.AcknowledgeLimit)
        {
            RingAgain(now, isStuck: true);
            return false;
        }

        Note(now, MmbiReason.Mismatch);
        ClearOwnWords();
        if (isHeard) _awaitsOwner = false;
        if (_awaitsOwner) AwaitAnotherOwner();
        Forget();
        Enter(MmbiPhase.Searching, now);
        Note(now, MmbiReason.Mismatch);
        return true;
    }

    /// <summary>The owner asks for a reset, or has acknowledged one, while we are not in runtime.</summary>
    private bool AnswerWhileWaiting(uint ros, long now)
    {
        bool isUp = IsUpSet(ros);
        if (isUp && !IsUpSet(_shadow0))
        {
            // Its request was meant for somebody else. An owner that sees H_UP fall starts over.
            ClearOwnWords();
            return false;
        }

        if (IsReset(_shadow0))
        {
            EnterAcknowledged(now);
            return true;
        }

        // The eSPI driver asks with B_RST alone; one answer per acknowledge limit is enough.
        if (now < _answerAt) return false;
        WriteOwn0(_shadow0 | StatusWords.Reset);
        EnterAcknowledged(now);
        Ring();
        Note(now, MmbiReason.RequestedByPeer);
        return false;
    }

    /// <summary>
    /// In runtime B_RST came with B_UP gone: how the eSPI driver asks for a reset. Its structure is zero, so nothing is left to drain.
    /// </summary>
    private bool AnswerOddReset(long now)
    {
        Statistics.CountReset(MmbiReason.RequestedByPeer, byPeer: true);
        Note(now, MmbiReason.RequestedByPeer);
        AbandonRings();
        _reason = MmbiReason.RequestedByPeer;
        WriteOwn1(_shadow1 & StatusWords.PointerMask);
        WriteOwn0(_shadow0 | StatusWords.Reset);
        EnterAcknowledged(now);
        Ring();
        Note(now, MmbiReason.RequestedByPeer);
        return false;
    }

    /// <summary>
    /// T9, first half: stop, and let the owner take what it was sent. A session that lost its packet boundaries has nothing to save.
    /// </summary>
    private void RequestResetAsDiscoverer(long now)
    {
        _consumer!.SetReady(false);
        _isUp = false;
        Enter(MmbiPhase.Settling, now);
        if (_reason != MmbiReason.Requested) FinishSettling(now);
    }

    private bool StepSettling(long now)
    {
        uint ros = _lastPeer0;
        if (!IsUpSet(ros) || ros == StatusWords.DeadLink) return Lose(MmbiReason.SurpriseReset, now);
        _producer!.Look();
        bool isSettled = _producer.Unread == 0 || _producer.IsViolated || IsReset(ros) || now - _since >= _timings.DrainLimit;
        if (!isSettled) return false;
        FinishSettling(now);
        return true;
    }

    private void FinishSettling(long now)
    {
        AbandonRings();
        RaiseReset(now);
    }

    /// <summary>T9, second half: H_RST beside H_UP.</summary>
    private void RaiseReset(long now)
    {
        Enter(MmbiPhase.ResetRequested, now);
        WriteOwn1(_shadow1 & StatusWords.PointerMask);
        WriteOwn0(_shadow0 | StatusWords.Reset);
        Ring();
        Note(now, _reason);
    }

    private bool StepResetRequestedAsDiscoverer(long now)
    {
        uint ros = _lastPeer0;
        uint rws = _window.Read32(_own0);
        Note(now, _reason);

        // An owner may run through acknowledgement and initialisation between two looks; that our word is zero again is all that remains to
        // see.
        if (ros == StatusWords.DeadLink || (rws & StatusWords.FlagMask) == 0)
        {
            LetGo(now, _reason);
            return true;
        }

        if (IsReset(ros) || !IsUpSet(ros))
        {
            EnterAcknowledged(now);
            return true;
        }

        if (now - _since < _timings.AcknowledgeLimit)
        {
            RingAgain(now, isStuck: true);
            return false;
        }

        Statistics.CountReset(MmbiReason.AcknowledgeTimeout, byPeer: false);
        LetGo(now, MmbiReason.AcknowledgeTimeout);
        return true;
    }

    private bool StepResetAcknowledged(long now)
    {
        uint ros = _lastPeer0;
        uint rws = _window.Read32(_own0);
        Note(now, _reason);
        long age = now - _since;
        bool isOver = (rws & StatusWords.FlagMask) == 0
            || (IsUpSet(ros) && !IsReset(ros))
            || (!IsUpSet(ros) && age >= _timings.SettleTime)
            || age >= _timings.AcknowledgeLimit;
        if (!isOver)
        {
            RingAgain(now, isStuck: true);
            return false;
        }

        LetGo(now, _reason);
        return true;
    }

    /// <summary>T8, second half.</summary>
    private bool AcknowledgeAsDiscoverer(long now)
    {
        _consumer!.SetReady(false);
        _producer!.SetFlags(StatusWords.Up | StatusWords.Reset);
        AbandonRings();
        EnterAcknowledged(now);
        Ring();
        Note(now, _reason);
        return true;
    }

    private void EnterAcknowledged(long now)
    {
        _answerAt = now + _timings.AcknowledgeLimit;
        Enter(MmbiPhase.ResetAcknowledged, now);
    }

    /// <summary>Zeroes our structure and starts from the descriptor again: the owner may have come back with another one.</summary>
    private void LetGo(long now, MmbiReason reason)
    {
        AbandonRings();
        ClearOwnWords();
        Forget();
        Enter(MmbiPhase.Searching, now);
        Note(now, reason);
    }

    private void Forget()
    {
        Recognition = null;
        _descriptor.AsSpan().Clear();
    }

    /// <summary>
    /// Zeroes our structure, one change of word 0 at a time: hardware that watches it takes any two changes at once for a packet
    /// (ast2700-intel-espi-mmbi).
    /// </summary>
    private void ClearOwnWords()
    {
        uint word = _window.Read32(_own0);
        uint flags = word & StatusWords.FlagMask;
        if (_window.Read32(_own1) != 0) WriteOwn1(0);
        if (word != flags) WriteOwn0(flags);
        if (flags == StatusWords.FlagMask) WriteOwn0(StatusWords.Reset);
        if (flags != 0) WriteOwn0(0);
        _shadow0 = 0;
        _shadow1 = 0;
    }
}
