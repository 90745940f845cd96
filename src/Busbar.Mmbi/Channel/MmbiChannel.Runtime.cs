// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <content>Runtime, draining, and the words that both roles write the same way.</content>
public sealed partial class MmbiChannel
{
    /// <summary>Our word 0 as it should stand in the window.</summary>
    private uint OwnWord0 => _isLive ? _producer!.PublishedWord : _shadow0;

    private uint OwnWord1 => _isLive ? _consumer!.PublishedWord : _shadow1;

    private static bool IsReset(uint word) => (word & StatusWords.Reset) != 0;

    private static bool IsUpSet(uint word) => (word & StatusWords.Up) != 0;

    /// <summary>Starts a session: both rings live and, unless the host's pointers are adopted, all pointers 0. The caller has seen to it that the window agrees.</summary>
    private void EnterRuntime(long now, bool adoptsPointers = false)
    {
        _producer!.Reset(StatusWords.Up);
        _producer.Format = Dialect!.HeaderFormat.ForSending;
        _consumer!.Reset(ready: true);
        _receiveFormat = _consumer.Format;
        if (adoptsPointers) AdoptHostPointers();
        _isBlocked = false;
        _isLive = true;
        Enter(MmbiPhase.Running, now);
        _consumer.SetReady(true);
        _producer.SetFlags(StatusWords.Up);
        Ring();
        Note(now, MmbiReason.Initialisation);
    }

    private bool StepRunning(long now)
    {
        MmbiConsumer consumer = _consumer!;
        MmbiProducer producer = _producer!;

        // The peer's word comes first: an owner that starts over zeroes our words before it raises UP again, so whoever sees its new word
        // also sees them gone.
        uint word = _lastPeer0;
        if (word == StatusWords.DeadLink) return Lose(MmbiReason.DeadLink, now);
        if (IsReset(word)) return IsUpSet(word) ? StartDraining(now) : AnswerResetWithoutUp(now);
        if (!IsUpSet(word)) return Lose(Role == MmbiRole.Owner ? MmbiReason.PeerLeft : MmbiReason.SurpriseReset, now);
        if (!OwnWordsStand())
        {
            if (Role == MmbiRole.Discoverer) return Lose(MmbiReason.SurpriseReset, now);
            RestoreOwnWords();
        }

        if (!consumer.Accept(word) && !SkipUnreadable(consumer, word, now))
            return RequestReset(consumer.Violation == RingViolation.Header ? MmbiReason.BadHeader : MmbiReason.BadWritePointer, now);
        int unread = producer.Unread;
        if (!producer.Look() && !SkipUnread(producer, now)) return RequestReset(MmbiReason.BadReadPointer, now);
        if (consumer.Available == 0 && consumer.Owed != 0) PublishRead(consumer);
        if (!_isUp && (producer.IsPeerReady || consumer.Available != 0)) ComeUp();
        if (producer.Free > producer.Capacity >> 1) _isBlocked = false;
        RingAgain(now, !_isUp || (producer.Unread != 0 && producer.Unread == unread));
        if (Role == MmbiRole.Owner)
        {
            RepairDescriptor(now);
            return false;
        }

        if (now < _verifyAt) return false;
        _verifyAt = now + _timings.VerifyInterval;
        return HasMoved() && Lose(MmbiReason.SurpriseReset, now);
    }

    /// <summary>
    /// For owners that never reset: forgets what the host has written so far, and goes on behind it. A pointer outside the ring says nothing and is ignored
    /// until it changes.
    /// </summary>
    private bool SkipUnreadable(MmbiConsumer consumer, uint word, long now)
    {
        if (!NeverResets) return false;
        MmbiReason reason = consumer.Violation == RingViolation.Header ? MmbiReason.BadHeader : MmbiReason.BadWritePointer;
        if (consumer.TrySkipTo(word) || reason == MmbiReason.BadHeader) Statistics.StreamsSkipped++;
        else Statistics.PointersIgnored++;
        NoteWithoutTransition(now, reason);
        Ring();
        return true;
    }

    /// <summary>The same for what the host has not read: its read pointer passed what we wrote, so it has lost the packet boundaries.</summary>
    private bool SkipUnread(MmbiProducer producer, long now)
    {
        if (!NeverResets) return false;
        if (producer.TrySkipToReader()) Statistics.StreamsSkipped++;
        else Statistics.PointersIgnored++;
        NoteWithoutTransition(now, MmbiReason.BadReadPointer);
        Ring();
        return true;
    }

    private void ComeUp()
    {
        _isUp = true;
        Statistics.Joins++;
    }

    private bool StartDraining(long now)
    {
        Statistics.CountReset(MmbiReason.RequestedByPeer, byPeer: true);
        _reason = MmbiReason.RequestedByPeer;
        _consumer!.Accept(_lastPeer0);
        _producer!.Abort();
        Enter(MmbiPhase.Draining, now);
        Note(now, MmbiReason.RequestedByPeer);
        return true;
    }

    /// <summary>T8 and T10: what the peer sent before it asked is handed out first, then RDY falls and our RST answers.</summary>
    private bool StepDraining(long now)
    {
        bool isLate = now - _since >= _timings.DrainLimit;
        if (!IsReset(_lastPeer0) || !IsUpSet(_lastPeer0) || _lastPeer0 == StatusWords.DeadLink)
            return Lose(Role == MmbiRole.Owner ? MmbiReason.PeerLeft : MmbiReason.SurpriseReset, now);
        if (_consumer!.Available != 0 && _consumer.Violation == RingViolation.None && !isLate) return false;
        _consumer.Publish();
        if (Role == MmbiRole.Owner) return AcknowledgeAsOwner(now);

        // aspeed-pcie-mmbi spins in its interrupt handler while packets of ours are unread after our acknowledgement: wait for it, within
        // the limit.
        _producer!.Look();
        return (_producer.Unread == 0 || _producer.IsViolated || isLate) && AcknowledgeAsDiscoverer(now);
    }

    /// <summary>Ends a session that the peer, or the medium, ended without asking.</summary>
    private bool Lose(MmbiReason reason, long now)
    {
        Statistics.CountReset(reason, byPeer: true);
        _reason = reason;
        if (Role == MmbiRole.Owner) StartOver(now, reason);
        else LetGo(now, reason);
        return true;
    }

    /// <summary>
    /// Drops the rings' private state: what was staged or not yet read is lost, our words keep the content that they have in the window.
    /// </summary>
    private void AbandonRings()
    {
        _shadow0 = OwnWord0;
        _shadow1 = OwnWord1;
        _isLive = false;
        _isUp = false;
        _isBlocked = false;
        _producer?.Reset(0);
        _consumer?.Reset(ready: false);
    }

    private void WriteOwn0(uint value)
    {
        _shadow0 = value;
        _window.Write32(_own0, value);
    }

    private void WriteOwn1(uint value)
    {
        _shadow1 = value;
        _window.Write32(_own1, value);
    }

    private bool OwnWordsStand() => _window.Read32(_own0) == OwnWord0 && _window.Read32(_own1) == OwnWord1;

    /// <summary>Only we may write our words; whoever else did is overruled.</summary>
    private void RestoreOwnWords()
    {
        Statistics.OwnWordsRestored++;
        _window.Write32(_own1, OwnWord1);
        _window.Write32(_own0, OwnWord0);
    }
}
