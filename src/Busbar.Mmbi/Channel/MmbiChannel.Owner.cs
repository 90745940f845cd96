// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <content>The owner's half of the state machine. T1 to T12 are the transitions of DSP0282's initialisation and reset sequences.</content>
public sealed partial class MmbiChannel
{
    private bool StepOwner(long now)
    {
        switch (_phase)
        {
            case MmbiPhase.Initialising:
                return _isStarted ? ContinueInitialising(now) : Start(now);
            case MmbiPhase.WaitingForPeer:
                return StepWaitingForHost(now);
            case MmbiPhase.ResetRequested:
                return StepResetRequestedAsOwner(now);
            default:
                return false;
        }
    }

    private bool Start(long now)
    {
        _isStarted = true;
        StartOver(now, MmbiReason.Initialisation);
        return true;
    }

    /// <summary>T1: both structures zero, the descriptor in place. From a running state this passes through 0x7 (T11).</summary>
    private void StartOver(long now, MmbiReason reason)
    {
        AbandonRings();
        _reason = reason;
        if (HostStays())
        {
            GoOnWithHost(now, isUp: reason != MmbiReason.Initialisation);
            return;
        }

        WriteOwn1(0);
        if (IsUpSet(_shadow0) && IsReset(_shadow0))
        {
            WriteOwn0(_shadow0 & ~StatusWords.Up);
            Note(now, reason);
        }

        WriteOwn0(0);
        Enter(MmbiPhase.Initialising, now);
        if (Dialect!.OwnerClearsHostStatus) ClearHostStatus();
        _doorbell.OnLinkReset();
        Note(now, reason);
    }

    /// <summary>
    /// True when H_UP belongs to a host that would not raise it a second time. It comes back with its old pointers and reads all pointers from the window, so
    /// the owner goes on where they point instead of zeroing them.
    /// </summary>
    private bool HostStays() =>
        NeverResets && _reason is MmbiReason.Initialisation or MmbiReason.PeerLeft && (_window.Read32(_peer0) & StatusWords.FlagMask) == StatusWords.Up;

    /// <summary>
    /// B_UP without T1. Our pointers never show anything but empty rings, because this host does not ask whether we know its session before it reads. After a
    /// crash B_UP is down for a moment first: hosts that follow the state see it and join anew.
    /// </summary>
    private void GoOnWithHost(long now, bool isUp)
    {
        _layout!.EnsurePublished(_window, Instance);
        uint written = _window.Read32(_peer0) & StatusWords.PointerMask;
        uint read = _window.Read32(_peer1) & StatusWords.PointerMask;
        WriteOwn1(written > (uint)_consumer!.Length ? 0 : written);
        WriteOwn0((read > (uint)_producer!.Length ? 0 : read) | (isUp ? StatusWords.Up : 0));
        _doorbell.OnLinkReset();
        Enter(isUp ? MmbiPhase.WaitingForPeer : MmbiPhase.Initialising, now);
        if (!isUp) Ring();
        Note(now, _reason);
    }

    private void ClearHostStatus()
    {
        _window.Write32(_peer1, 0);
        _window.Write32(_peer0, 0);
    }

    /// <summary>T2: B_UP, once Host_RWS is seen to be zero. A host's update that was under way may have brought old values back.</summary>
    private bool ContinueInitialising(long now)
    {
        if (!OwnWordsStand()) RestoreOwnWords();
        if (_layout!.EnsurePublished(_window, Instance)) _verifyAt = now + _timings.VerifyInterval;
        if (HostStays())
        {
            if (_reason == MmbiReason.Initialisation && now - _since < _timings.AbsenceTime) return false;
            GoOnWithHost(now, isUp: true);
            return true;
        }

        if ((_shadow0 | _shadow1) != 0)
        {
            WriteOwn1(0);
            WriteOwn0(0);
        }

        if (_window.Read32(_peer0) != 0 || _window.Read32(_peer1) != 0)
        {
            // Over eSPI the host clears its own structure; but one that died will not.
            bool isLate = now - _since >= _timings.AcknowledgeLimit;
            if (Dialect!.OwnerClearsHostStatus || isLate || _reason == MmbiReason.Initialisation) ClearHostStatus();
            if (_window.Read32(_peer0) != 0 || _window.Read32(_peer1) != 0)
            {
                RingAgain(now, isStuck: true);
                return false;
            }
        }

        Enter(MmbiPhase.WaitingForPeer, now);
        WriteOwn0(StatusWords.Up);
        if (!_options.IsQuietAfterLeave || _reason != MmbiReason.PeerLeft) Ring();
        Note(now, _reason);
        return true;
    }

    private bool StepWaitingForHost(long now)
    {
        uint word = _lastPeer0;
        if (!OwnWordsStand()) RestoreOwnWords();
        if (word == StatusWords.DeadLink)
        {
            // A link that stays dead is one event, however often we try.
            if (_reason != MmbiReason.DeadLink) return Lose(MmbiReason.DeadLink, now);
            StartOver(now, MmbiReason.DeadLink);
            return true;
        }

        if (IsReset(word)) return RefusedOrReset(word, now);
        if (!IsUpSet(word))
        {
            // Left by a host that went, or put there by one that wants to know whether we live.
            if (((word | _lastPeer1) & StatusWords.PointerMask) != 0) ClearHostStatus();
            RepairDescriptor(now);
            Note(now, MmbiReason.Initialisation);
            return false;
        }

        // T4. Nobody may send before our RDY, so pointers that are not zero come from a session that we no longer know.
        if ((word & StatusWords.PointerMask) != 0 || (_lastPeer1 & StatusWords.PointerMask) != 0)
        {
            Note(now, MmbiReason.StalePointers);
            if (!NeverResets) return Lose(MmbiReason.StalePointers, now);
            EnterRuntime(now, adoptsPointers: true);
            NoteWithoutTransition(now, MmbiReason.StalePointers);
            return true;
        }

        EnterRuntime(now);
        return true;
    }

    /// <summary>For hosts that do not start at zero after they were loaded again: both rings are empty where the host's pointers stand.</summary>
    private void AdoptHostPointers()
    {
        Count(_consumer!.TrySkipTo(_window.Read32(_peer0)));
        Count(_producer!.TrySkipToReader());

        void Count(bool skipped)
        {
            if (skipped) Statistics.StreamsSkipped++;
            else Statistics.PointersIgnored++;
        }
    }

    /// <summary>T6 for a host that refused, and the end of a host's reset request that arrived outside runtime.</summary>
    private bool RefusedOrReset(uint word, long now)
    {
        MmbiReason reason = IsUpSet(word) ? MmbiReason.RequestedByPeer : MmbiReason.Mismatch;
        Note(now, reason);
        return Lose(reason, now);
    }

    /// <summary>T7.</summary>
    private void RequestResetAsOwner(long now)
    {
        AbandonRings();
        Enter(MmbiPhase.ResetRequested, now);
        WriteOwn1(_shadow1 & StatusWords.PointerMask);
        WriteOwn0(_shadow0 | StatusWords.Reset);
        Ring();
        Note(now, _reason);
    }

    /// <summary>
    /// Releases what the host sent before it noticed: it is lost with the reset, but a host of our kind waits with its acknowledgement
    /// until its packets were taken.
    /// </summary>
    private void DiscardArrivals(uint word)
    {
        uint pointer = word & StatusWords.PointerMask;
        if (pointer == _shadow1 || pointer > (uint)_consumer!.Length) return;
        WriteOwn1(pointer);
        Ring();
    }

    private bool StepResetRequestedAsOwner(long now)
    {
        uint word = _lastPeer0;
        if (!OwnWordsStand()) RestoreOwnWords();
        bool isOver = IsReset(word) || !IsUpSet(word) || word == StatusWords.DeadLink;
        bool isLate = now - _since >= _timings.AcknowledgeLimit;
        if (!isOver && !isLate)
        {
            DiscardArrivals(word);
            RingAgain(now, isStuck: true);
            return false;
        }

        Note(now, _reason);
        if (!isOver) Statistics.CountReset(MmbiReason.AcknowledgeTimeout, byPeer: false);
        StartOver(now, isOver ? _reason : MmbiReason.AcknowledgeTimeout);
        return true;
    }

    /// <summary>T10, then T11 and T12.</summary>
    private bool AcknowledgeAsOwner(long now)
    {
        _consumer!.SetReady(false);
        _producer!.SetFlags(StatusWords.Up | StatusWords.Reset);
        Note(now, _reason);
        StartOver(now, _reason);
        return true;
    }

    /// <summary>H_RST without H_UP: the host refuses (T5), or somebody new on its side does.</summary>
    private bool AnswerResetWithoutUp(long now) =>
        Role == MmbiRole.Owner ? RefusedOrReset(_lastPeer0, now) : AnswerOddReset(now);

    private void RepairDescriptor(long now)
    {
        if (now < _verifyAt) return;
        _verifyAt = now + _timings.VerifyInterval;
        if (!_layout!.EnsurePublished(_window, Instance)) return;
        Statistics.DescriptorsRepaired++;
        NoteWithoutTransition(now, MmbiReason.DescriptorRepaired);
    }
}
