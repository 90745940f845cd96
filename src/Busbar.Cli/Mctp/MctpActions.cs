// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>What the commands of the <c>mctp</c> program do.</summary>
internal sealed class MctpActions
{
    // The network that Linux calls its default unless somebody chose another.
    private const uint DefaultNetwork = 1;

    private readonly IMctpConfiguration _configuration;
    private readonly TextWriter _output;

    /// <summary>Makes the actions.</summary>
    /// <param name="configuration">What they act on.</param>
    /// <param name="output">Where results go.</param>
    public MctpActions(IMctpConfiguration configuration, TextWriter output)
    {
        _configuration = configuration;
        _output = output;
    }

    public void Link(MctpWords words)
    {
        string action = words.TakeIfAny() ?? "show";
        switch (action)
        {
            case "show": ShowLinks(words); break;
            case "set": SetLink(words); break;
            default: throw Unknown("link", action, "show, set and serial");
        }
    }

    public void Address(MctpWords words)
    {
        string action = words.TakeIfAny() ?? "show";
        switch (action)
        {
            case "show": ShowAddresses(words); break;
            case "add": AddAddress(words); break;
            case "del": RemoveAddress(words); break;
            default: throw Unknown("address", action, "show, add and del");
        }
    }

    public void Route(MctpWords words)
    {
        string action = words.TakeIfAny() ?? "show";
        switch (action)
        {
            case "show": ShowRoutes(words); break;
            case "add": AddRoute(words); break;
            case "del": RemoveRoute(words); break;
            default: throw Unknown("route", action, "show, add and del");
        }
    }

    public void Neighbour(MctpWords words)
    {
        string action = words.TakeIfAny() ?? "show";
        switch (action)
        {
            case "show": ShowNeighbours(words); break;
            case "add": AddNeighbour(words); break;
            case "del": RemoveNeighbour(words); break;
            default: throw Unknown("neigh", action, "show, add and del");
        }
    }

    public void SetLink(MctpWords words)
    {
        HostLink link = Find(words.Take("IFNAME"), _configuration.Links());
        bool? isUp = null;
        int? mtu = null;
        uint? network = null;
        while (words.TakeIfAny() is { } word)
        {
            switch (word)
            {
                case "up": isUp = true; break;
                case "down": isUp = false; break;
                case "mtu": mtu = TakeMtu(words); break;
                case "network" or "net": network = words.TakeNumber("the network"); break;
                case "bus-owner": throw new MctpFailure("'bus-owner' cannot be set here; the daemon that assigns EIDs knows its own part on a link");
                default: throw new MctpFailure($"'{word}' is not known here; a link can be set up, down, mtu N, network N");
            }
        }

        if (isUp is null && mtu is null && network is null) throw new MctpFailure($"what about {link.Name}? set it up, down, mtu N or network N");
        _configuration.SetLink(link.Index, isUp, mtu, network);
    }

    public void AddAddress(MctpWords words)
    {
        (int link, Eid eid) = TakeEidOnLink(words);
        _configuration.AddAddress(link, eid);
    }

    public void RemoveAddress(MctpWords words)
    {
        (int link, Eid eid) = TakeEidOnLink(words);
        _configuration.RemoveAddress(link, eid);
    }

    public void AddRoute(MctpWords words) => _configuration.AddRoute(TakeRoute(words, takesMtu: true));

    public void RemoveRoute(MctpWords words) => _configuration.RemoveRoute(TakeRoute(words, takesMtu: false));

    public void AddNeighbour(MctpWords words)
    {
        Eid eid = words.TakeEid();
        HostLink? link = null;
        PhysicalAddress? address = null;
        while (words.TakeIfAny() is { } word)
        {
            switch (word)
            {
                case "dev": link = Find(words.Take("IFNAME"), _configuration.Links()); break;
                case "lladdr": address = words.TakeAddress(); break;
                default: throw new MctpFailure($"'{word}' is not known here; write EID dev IFNAME lladdr HEX");
            }
        }

        if (link is null) throw new MctpFailure("where? 'dev IFNAME' is missing");
        if (address is null) throw new MctpFailure("'lladdr HEX' is missing");
        _configuration.AddNeighbour(new HostNeighbour(link.Index, eid, address.Value));
    }

    public void RemoveNeighbour(MctpWords words)
    {
        (int link, Eid eid) = TakeEidOnLink(words);
        _configuration.RemoveNeighbour(link, eid);
    }

    private static MctpFailure Unknown(string command, string action, string known) => new($"'{command} {action}' is not known; there are {known}");

    private void ShowLinks(MctpWords words)
    {
        IReadOnlyList<HostLink> links = _configuration.Links();
        HostLink? only = TakeLinkIfAny(words, links);
        words.EnsureEnd();
        foreach (HostLink link in links)
        {
            if (only is null || link.Index == only.Index) _output.WriteLine(MctpLines.Link(link));
        }
    }

    private void ShowAddresses(MctpWords words)
    {
        IReadOnlyList<HostLink> links = _configuration.Links();
        HostLink? only = TakeLinkIfAny(words, links);
        words.EnsureEnd();
        foreach (HostAddress address in _configuration.Addresses())
        {
            if (only is null || address.Link == only.Index) _output.WriteLine(MctpLines.Local(address, links));
        }
    }

    private void ShowRoutes(MctpWords words)
    {
        // The network is read and has no effect, as ever.
        if (words.TakeIf("net")) words.TakeNumber("the network");
        words.EnsureEnd();
        IReadOnlyList<HostLink> links = _configuration.Links();
        foreach (HostRoute route in _configuration.Routes()) _output.WriteLine(MctpLines.Route(route, links));
    }

    private void ShowNeighbours(MctpWords words)
    {
        IReadOnlyList<HostLink> links = _configuration.Links();
        HostLink? only = words.TakeIf("dev") ? Find(words.Take("IFNAME"), links) : null;
        words.EnsureEnd();
        foreach (HostNeighbour neighbour in _configuration.Neighbours())
        {
            if (only is null || neighbour.Link == only.Index) _output.WriteLine(MctpLines.Neighbour(neighbour, links));
        }
    }

    private HostRoute TakeRoute(MctpWords words, bool takesMtu)
    {
        (Eid first, Eid last) = words.TakeRange();
        HostLink? link = null;
        Eid? gateway = null;
        uint? network = null;
        int mtu = 0;
        while (words.TakeIfAny() is { } word)
        {
            switch (word)
            {
                case "via": link = Find(words.Take("IFNAME"), _configuration.Links()); break;
                case "gw": gateway = words.TakeEid(); break;
                case "net": network = words.TakeNumber("the network"); break;
                case "mtu" when takesMtu: mtu = TakeMtu(words); break;
                default: throw new MctpFailure($"'{word}' is not known here; a route has via IFNAME or gw EID{(takesMtu ? ", and mtu N" : string.Empty)}");
            }
        }

        if (link is not null && gateway is not null) throw new MctpFailure("'via' and 'gw' exclude each other: a route leads to a link or through a gateway");
        if (link is not null && network is not null) throw new MctpFailure("'via' and 'net' exclude each other: a link is in one network, which is the route's");
        if (link is not null) return HostRoute.Direct(first, last, link, mtu);
        return gateway is { } eid
            ? HostRoute.Via(first, last, eid, network ?? DefaultNetwork, mtu)
            : throw new MctpFailure("where to? 'via IFNAME' or 'gw EID' is missing");
    }

    private (int Link, Eid Eid) TakeEidOnLink(MctpWords words)
    {
        Eid eid = words.TakeEid();
        if (!words.TakeIf("dev")) throw new MctpFailure("where? 'dev IFNAME' is missing");
        HostLink link = Find(words.Take("IFNAME"), _configuration.Links());
        words.EnsureEnd();
        return (link.Index, eid);
    }

    private static int TakeMtu(MctpWords words)
    {
        uint mtu = words.TakeNumber("the MTU");
        return mtu <= int.MaxValue ? (int)mtu : throw new MctpFailure($"an MTU of {mtu} bytes is too much");
    }

    private static HostLink? TakeLinkIfAny(MctpWords words, IReadOnlyList<HostLink> links) => words.TakeIfAny() is { } name ? Find(name, links) : null;

    private static HostLink Find(string name, IReadOnlyList<HostLink> links)
    {
        foreach (HostLink link in links)
        {
            if (link.Name == name) return link;
        }

        throw new MctpFailure($"there is no MCTP interface '{name}'");
    }
}
