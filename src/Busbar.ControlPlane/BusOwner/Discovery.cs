// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Looks for endpoints without being asked: at start, when a link comes up or becomes ours, and when an endpoint announces itself.</summary>
internal sealed class Discovery
{
    // DSP0236 repeats the broadcast until nobody new answers; who always has a new address to answer with is not honest.
    private const int MostRounds = 32;
    private const int MostAnnounced = 256;
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(30);

    private readonly NetworkController _controller;
    private readonly BusOwner _owner;
    private readonly HashSet<ManagedLink> _searched = [];
    private readonly HashSet<(int Link, PhysicalAddress Address)> _announced = [];

    public Discovery(NetworkController controller, BusOwner owner)
    {
        _controller = controller;
        _owner = owner;
    }

    /// <summary>Looks on all links, and on those to come. Called when all links are known: whether we are a bridge decides what may be assigned.</summary>
    public void Start()
    {
        _controller.Links.Added += Look;
        _controller.Links.Changed += (link, before) =>
        {
            // A role that was set comes with the same host description.
            if (before == link.Host || before.IsUp != link.Host.IsUp) Look(link);
        };
        foreach (ManagedLink link in _controller.Links.All) Look(link);
    }

    /// <summary>An endpoint says that it is there.</summary>
    /// <param name="request">Its Discovery Notify.</param>
    public void Announced(in ControlRequest request)
    {
        PhysicalAddress address = request.From.Address;
        if (_controller.Links.Find(request.From.Link) is not { } link || !IsOurs(link) || address.Length != link.Host.Address.Length) return;
        if (_announced.Count == MostAnnounced || !_announced.Add((link.Host.Index, address)))
        {
            _controller.Statistics.NotificationsIgnored++;
            return;
        }

        _controller.Background.Run($"{link.Host.Name}: set-up after Discovery Notify", () => FollowAsync(link, address));
    }

    private async Task FollowAsync(ManagedLink link, PhysicalAddress address)
    {
        try
        {
            await SetupOrRecoverAsync(link, address);
        }
        finally
        {
            _announced.Remove((link.Host.Index, address));
        }
    }

    // A bridge that was given no pool yet has nothing to set anybody up with.
    private bool IsOurs(ManagedLink link) =>
        _controller.Options.AutoDiscover && link.Role == LinkRole.BusOwner && link.Host.IsUp && _controller.Links.Find(link.Host.Index) == link
        && _controller.Bridge.DynamicRange(link.Host.Network) is not { Count: 0 };

    /// <summary>Looks for endpoints on a link where the options say so; does nothing while that goes on already.</summary>
    /// <param name="link">The link.</param>
    public void Look(ManagedLink link)
    {
        if (!IsOurs(link) || !_searched.Add(link)) return;
        _controller.Background.Run($"{link.Host.Name}: discovery", () => SearchAsync(link));
    }

    private async Task SearchAsync(ManagedLink link)
    {
        try
        {
            if (link.Host.Binding == PhysicalBinding.PcieVdm) await BroadcastAsync(link);
            else if (link.Host.Address.Length == 0) await AskOtherEndAsync(link);
            PhysicalAddress[] addresses = [.. _controller.Options.ScanAddresses(link.Host).Where(address => address.Length == link.Host.Address.Length).Distinct()];
            await Staggered.ForEachAsync(_controller.Background, addresses, address => TrySetupAsync(link, address));
        }
        finally
        {
            _searched.Remove(link);
        }
    }

    private async Task BroadcastAsync(ManagedLink link)
    {
        int index = link.Host.Index;
        TimeSpan window = _controller.Options.MessageTimeout;
        await _controller.Queries.AskAllAsync(index, ControlCommand.PrepareForEndpointDiscovery, default, window);
        var seen = new HashSet<PhysicalAddress>();
        for (int round = 0; round < MostRounds && IsOurs(link); round++)
        {
            IReadOnlyList<ControlAnswer> answers = await _controller.Queries.AskAllAsync(index, ControlCommand.EndpointDiscovery, default, window);
            PhysicalAddress[] found = [.. answers.Where(static answer => answer.IsSuccess).Select(static answer => answer.From.Address)
                .Where(address => address.Length == link.Host.Address.Length && seen.Add(address))];
            if (found.Length == 0) return;
            await Staggered.ForEachAsync(_controller.Background, found, address => TrySetupAsync(link, address));
        }
    }

    private async Task AskOtherEndAsync(ManagedLink link)
    {
        TimeSpan pause = s_firstRetry;
        while (IsOurs(link) && !await TrySetupAsync(link, default))
        {
            if (!await _controller.Background.IdlePauseAsync(pause)) return;
            pause = pause * 2 < s_longestRetry ? pause * 2 : s_longestRetry;
        }
    }

    // One that we know has been away: it may want its old EID back.
    private async Task SetupOrRecoverAsync(ManagedLink link, PhysicalAddress address)
    {
        if (_controller.Endpoints.Find(link.Host.Index, address) is { IsPublished: true } known) _owner.Recovery.Begin(known);
        else await _owner.Setup.SetupAsync(link, address);
    }

    private async Task<bool> TrySetupAsync(ManagedLink link, PhysicalAddress address)
    {
        if (!IsOurs(link)) return false;
        try
        {
            await SetupOrRecoverAsync(link, address);
            return true;
        }
        catch (ControlPlaneException failure)
        {
            NoteSeverity severity = failure.Error == ControlPlaneError.NoAnswer ? NoteSeverity.Debug : NoteSeverity.Warning;
            _controller.Note(severity, $"{link.Host.Name}: no endpoint was set up at '{address}': {failure.Message}");
            return false;
        }
    }
}
