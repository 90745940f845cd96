// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Bindings;

/// <content>How a channel is opened and how it ends, for both roles.</content>
public sealed partial class AstlpcLink
{
    // Host: what the status was when it was last looked at, whether we have asked for a channel, and when we ask again.
    private KcsStatus _seenStatus;
    private bool _hasAsked;
    private long _askAgainAt;

    // True from our question until the controller rings, so that the outcome of a former question is not taken for that of this one.
    private bool _isAnswerDue;

    // Controller: everything that a host must know, then the bit that says so.
    private void Announce()
    {
        SharedRegion window = _window!;
        _mailbox!.Status = KcsStatus.None;
        new AstlpcControlArea(AstlpcControlArea.ExpectedMagic, _options.LowestVersion, _options.HighestVersion, 0, 0, 0, Offer()).Write(window);
        _mailbox.Status = KcsStatus.Ready;
        _owesStatus = true;
    }

    // Controller: the host asks for a channel. It may do so again at any time, and then knows nothing of the former one.
    private void Negotiate()
    {
        EndChannel(_now);
        SharedRegion window = _window!;
        AstlpcControlArea found = AstlpcControlArea.Read(window) with { BmcLow = _options.LowestVersion, BmcCurrent = _options.HighestVersion };
        int version = found.CommonVersion;
        AstlpcFault? fault = version == 0 ? AstlpcFault.NoCommonVersion : null;
        AstlpcLayout layout = Offer();
        if (version >= 2)
        {
            // The host has written the sizes that it wishes; we give no more than we offered.
            uint rx = Math.Min(layout.RxSize, found.Layout.RxSize & ~3u);
            uint tx = Math.Min(layout.TxSize, found.Layout.TxSize & ~3u);
            layout = new AstlpcLayout(layout.RxOffset, rx, layout.TxOffset, tx);
        }

        fault ??= layout.Check(window.Length, version);
        (found with { Negotiated = (ushort)(fault is null ? version : 0), Layout = fault is null ? layout : Offer() }).WriteOutcome(window);
        _mailbox!.Status = fault is null ? KcsStatus.Ready | KcsStatus.Active : KcsStatus.Ready;
        _owesStatus = true;
        if (fault is { } reason) Count(reason);
        else BeginChannel(version, layout, (int)layout.RxSize);
    }

    private AstlpcLayout Offer()
    {
        int area = Math.Min(AreaSize(_options.Mtu), ((_window!.Length - AstlpcLayout.FirstOffset) / 2) & ~15);
        return new AstlpcLayout(AstlpcLayout.FirstOffset, (uint)area, (uint)(AstlpcLayout.FirstOffset + area), (uint)area);
    }

    // Host: looks for a controller from now on.
    private void Search(long now)
    {
        _seenStatus = KcsStatus.None;
        _hasAsked = false;
        _askAgainAt = now;
    }

    // Host: the controller came, went, opened the channel or closed it.
    private void FollowStatus()
    {
        KcsStatus status = _mailbox!.Status & (KcsStatus.Ready | KcsStatus.Active);
        if (status != _seenStatus) _lastNews = _now;
        _seenStatus = status;
        if ((status & KcsStatus.Ready) == KcsStatus.None)
        {
            if (_version != 0 || _hasAsked) Restart(_now);
            return;
        }

        bool isActive = (status & KcsStatus.Active) != KcsStatus.None;
        if (_version != 0)
        {
            if (!isActive) Restart(_now);
            return;
        }

        if (_hasAsked && isActive && !_isAnswerDue)
        {
            Adopt();
            return;
        }

        if (_now < _askAgainAt) return;
        if (_hasAsked) Count(AstlpcFault.NegotiationTimeout);
        Ask();
    }

    // Host: says what we speak and wish, and asks for a channel.
    private void Ask()
    {
        _askAgainAt = _now + _options.PatienceMs;
        _hasAsked = false;
        AstlpcControlArea found = AstlpcControlArea.Read(_window!);
        if (found.Magic != AstlpcControlArea.ExpectedMagic)
        {
            Count(AstlpcFault.BadMagic);
            return;
        }

        AstlpcControlArea ours = found with { HostLow = _options.LowestVersion, HostCurrent = _options.HighestVersion };
        if (ours.CommonVersion == 0)
        {
            Count(AstlpcFault.NoCommonVersion);
            return;
        }

        // Version 1 has nothing to wish for.
        uint wish = ours.CommonVersion == 1 ? uint.MaxValue : (uint)AreaSize(_options.Mtu);
        ours = ours with { Layout = found.Layout with { RxSize = Math.Min(wish, found.Layout.RxSize), TxSize = Math.Min(wish, found.Layout.TxSize) } };
        ours.WriteHostPart(_window!);

        _hasAsked = _mailbox!.TrySend(Signal.Initialise);
        _isAnswerDue = _hasAsked;
    }

    // Host: takes what the controller chose, if it makes sense.
    private void Adopt()
    {
        AstlpcControlArea found = AstlpcControlArea.Read(_window!);
        int version = found.Negotiated;
        bool isCommon = version >= _options.LowestVersion && version <= _options.HighestVersion && version >= found.BmcLow && version <= found.BmcCurrent;
        AstlpcFault? fault = found.Magic != AstlpcControlArea.ExpectedMagic ? AstlpcFault.BadMagic
            : !isCommon ? AstlpcFault.BadNegotiatedVersion
            : found.Layout.Check(_window!.Length, version);
        if (fault is { } reason)
        {
            Count(reason);
            _hasAsked = false;
            _askAgainAt = _now + _options.PatienceMs;
            return;
        }

        BeginChannel(version, found.Layout, (int)Math.Min(found.Layout.TxSize, int.MaxValue));
    }

    private void BeginChannel(int version, in AstlpcLayout layout, int sendArea)
    {
        _version = version;
        _layout = layout;
        _largestSend = version == 1 ? MinimumMtu : sendArea - AstlpcLayout.OverheadOf(version);
        Mtu = Math.Min(_options.Mtu, _largestSend);
        Channel.Version = version;
        Channel.Openings++;
        ReportState(up: true, _now);
    }

    private void Fail(AstlpcFault fault)
    {
        Count(fault);
        Restart(_now);
    }

    private void Restart(long now)
    {
        EndChannel(now);
        if (Role == AstlpcRole.Host)
        {
            Search(now + 1);
            return;
        }

        _mailbox!.Status = KcsStatus.Ready;
        _owesStatus = true;
    }

    private void EndChannel(long now)
    {
        if (_version != 0) Channel.Resets++;
        _version = 0;
        Channel.Version = 0;
        _isSending = false;
        _held = 0;
        _owesStatus = false;
        _owesCompletion = false;
        _hasAsked = false;
        _output.Clear();
        ReportState(up: false, now);
    }
}
