// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>
/// Links and EIDs as they were read last. Whatever is announced, everything is read anew and compared, so that lost, doubled and late announcements do no harm.
/// </content>
public sealed partial class KernelHost
{
    private readonly Queue<HostChange> _unannounced = [];
    private SortedDictionary<int, HostLink> _links = [];
    private List<HostAddress> _addresses = [];
    private bool _announcing;

    /// <inheritdoc/>
    public void TakeChanges()
    {
        if (_disposed || _announcing) return;
        _changes.TakeSome();
        Announce();
    }

    private void ChangeArrived(ReadOnlySpan<byte> messages)
    {
        if (!NetlinkChanges.ConcernMctp(messages, _links.ContainsKey)) return;
        TryRead();
        Announce();
    }

    private void ChangesLost(Errno reason)
    {
        if (reason is Errno.ENOBUFS or Errno.EMSGSIZE)
        {
            Statistics.Overruns++;
            TryRead();
            Announce();
            return;
        }

        Note(NoteSeverity.Warning, $"the kernel announces no changes any more ({reason}); links and EIDs are not followed");
    }

    // The caller is in the middle of something; the word comes when it is done.
    private void ReadAfterOwnChange()
    {
        TryRead();
        if (_unannounced.Count != 0) _loop.Post(_ => Announce(), state: null);
    }

    private void TryRead()
    {
        try
        {
            Read();
        }
        catch (HostException failure)
        {
            Note(NoteSeverity.Warning, failure.Message);
        }
    }

    private void Read()
    {
        Statistics.Readings++;
        var links = new SortedDictionary<int, HostLink>(_configuration.Links().ToDictionary(link => link.Index));
        List<HostAddress> addresses = [.. _configuration.Addresses().Where(address => links.ContainsKey(address.Link))];
        (SortedDictionary<int, HostLink> oldLinks, List<HostAddress> oldAddresses) = (_links, _addresses);
        (_links, _addresses) = (links, addresses);
        foreach (HostLink gone in oldLinks.Values.Where(link => !links.ContainsKey(link.Index))) _unannounced.Enqueue(new HostChange(HostChangeKind.LinkRemoved, gone));
        foreach (HostLink link in links.Values)
        {
            HostLink? before = oldLinks.GetValueOrDefault(link.Index);
            if (before is null) _unannounced.Enqueue(new HostChange(HostChangeKind.LinkAdded, link));
            else if (before != link) _unannounced.Enqueue(new HostChange(HostChangeKind.LinkChanged, link));
        }

        foreach (HostAddress gone in oldAddresses.Except(addresses))
        {
            if (links.TryGetValue(gone.Link, out HostLink? link)) _unannounced.Enqueue(new HostChange(HostChangeKind.AddressRemoved, link, gone.Eid));
        }

        foreach (HostAddress come in addresses.Except(oldAddresses)) _unannounced.Enqueue(new HostChange(HostChangeKind.AddressAdded, links[come.Link], come.Eid));
    }

    private void Announce()
    {
        // Whoever hears one change may make the next, which is announced behind it.
        if (_announcing) return;
        _announcing = true;
        try
        {
            while (!_disposed && _unannounced.TryDequeue(out HostChange? change))
            {
                if (change.Kind == HostChangeKind.LinkRemoved) _resting.Clear();
                Changed?.Invoke(change);
            }
        }
        finally
        {
            _announcing = false;
        }
    }
}
