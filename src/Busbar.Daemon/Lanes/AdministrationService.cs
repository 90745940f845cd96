// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>Does what administration requests ask for. All in the loop's thread; what peers must be asked for goes on there later.</summary>
internal sealed class AdministrationService
{
    private readonly NetworkController _controller;
    private readonly StateReader _state;
    private readonly Func<Task> _reload;

    public AdministrationService(NetworkController controller, StateReader state, ChangeFeed changes, Func<Task> reload)
    {
        _controller = controller;
        _state = state;
        Changes = changes;
        _reload = reload;
    }

    public ChangeFeed Changes { get; }

    /// <summary>Never throws: every refusal is part of the answer.</summary>
    public async Task<AdministrationAnswer> AnswerAsync(AdministrationRequest request)
    {
        try
        {
            return await AskAsync(request);
        }
        catch (Exception refusal) when (refusal is HostException or ControlPlaneException or FormatException or ArgumentException or InvalidOperationException or OperationCanceledException)
        {
            return new AdministrationAnswer { Error = AdministrationFailure.Of(refusal) };
        }
        catch (ConfigurationException broken)
        {
            return new AdministrationAnswer { Error = AdministrationFailure.Of(new HostException(HostError.Invalid, broken.Message)) };
        }
        catch (Exception failure)
        {
            // Of whatever kind: who asks waits for an answer, and may only have so many questions open.
            return new AdministrationAnswer { Error = AdministrationFailure.Of(new HostException(HostError.Failed, failure.Message)) };
        }
    }

    private static Eid EidOf(AdministrationRequest request) => ReportConversion.ToEid(Need(request.Eid, "eid"));

    private static PhysicalAddress AddressOf(AdministrationRequest request) => ReportConversion.ToAddress(request.Address ?? "");

    private static T Need<T>(T? value, string name)
        where T : struct => value ?? throw new FormatException($"'{name}' is missing");

    private static T Need<T>(T? value, string name)
        where T : class => value ?? throw new FormatException($"'{name}' is missing");

    private async Task<AdministrationAnswer> AskAsync(AdministrationRequest request)
    {
        // Somebody who changed something a moment ago, here or in the system below, finds it changed.
        _controller.Host.TakeChanges();
        switch (request.Method)
        {
            case AdministrationMethod.State: return new() { State = _state.State() };
            case AdministrationMethod.Daemon: return new() { Daemon = _state.Daemon() };
            case AdministrationMethod.Links: return new() { Links = _state.Links() };
            case AdministrationMethod.Endpoints: return new() { Endpoints = _state.Endpoints() };
            case AdministrationMethod.Networks: return new() { Networks = _state.Networks() };
            case AdministrationMethod.Routes: return new() { Routes = _state.Routes() };
            case AdministrationMethod.Neighbours: return new() { Neighbours = _state.Neighbours() };
            case AdministrationMethod.SetupEndpoint: return Outcome(await _controller.SetupEndpointAsync(LinkOf(request), AddressOf(request)));
            case AdministrationMethod.AssignEndpoint: return Outcome(await _controller.AssignEndpointAsync(LinkOf(request), AddressOf(request)));
            case AdministrationMethod.AssignEndpointStatic:
                return Outcome(await _controller.AssignEndpointStaticAsync(LinkOf(request), AddressOf(request), EidOf(request)));
            case AdministrationMethod.AssignBridgeStatic:
                return Outcome(await _controller.AssignBridgeStaticAsync(
                    LinkOf(request), AddressOf(request), EidOf(request), ReportConversion.ToEid(request.PoolStart ?? 0), Need(request.PoolSize, "poolSize")));
            case AdministrationMethod.LearnEndpoint: return Outcome(await _controller.LearnEndpointAsync(LinkOf(request), AddressOf(request)));
            case AdministrationMethod.LearnEndpointByEid: return Outcome(await _controller.LearnEndpointAsync(Need(request.Network, "network"), EidOf(request)));
            case AdministrationMethod.RemoveEndpoint: return await DoneAsync(_controller.RemoveEndpointAsync(Need(request.Network, "network"), EidOf(request)));
            case AdministrationMethod.RecoverEndpoint: return await DoneAsync(_controller.RecoverEndpointAsync(Need(request.Network, "network"), EidOf(request)));
            case AdministrationMethod.SetMtu:
                return await DoneAsync(_controller.SetMtuAsync(Need(request.Network, "network"), EidOf(request), Need(request.Mtu, "mtu")));
            case AdministrationMethod.SetRole:
                LinkRole role = request.Role switch
                {
                    nameof(LinkRole.BusOwner) => LinkRole.BusOwner,
                    nameof(LinkRole.Endpoint) => LinkRole.Endpoint,
                    _ => throw new FormatException("'role' is BusOwner or Endpoint"),
                };
                return await DoneAsync(_controller.SetRoleAsync(LinkOf(request), role));
            case AdministrationMethod.Reload:
                await _reload();
                return new();
            default:
                Configure(request);
                return new();
        }
    }

    private void Configure(AdministrationRequest request)
    {
        IMctpHost host = _controller.Host;
        switch (request.Method)
        {
            case AdministrationMethod.SetLink:
                host.SetLink(LinkOf(request), request.IsUp, request.Mtu, request.Network);
                break;
            case AdministrationMethod.AddAddress:
                host.AddAddress(LinkOf(request), EidOf(request));
                break;
            case AdministrationMethod.RemoveAddress:
                host.RemoveAddress(LinkOf(request), EidOf(request));
                break;
            case AdministrationMethod.AddRoute:
                host.AddRoute(ReportConversion.ToHostRoute(Need(request.Route, "route")));
                break;
            case AdministrationMethod.RemoveRoute:
                host.RemoveRoute(ReportConversion.ToHostRoute(Need(request.Route, "route")));
                break;
            case AdministrationMethod.AddNeighbour:
                NeighbourReport neighbour = Need(request.Neighbour, "neighbour");
                host.AddNeighbour(ReportConversion.ToHostNeighbour(neighbour with { Address = Need(neighbour.Address, "address") }));
                break;
            case AdministrationMethod.RemoveNeighbour:
                host.RemoveNeighbour(LinkOf(request), EidOf(request));
                break;
            default:
                throw new FormatException($"there is no method '{request.Method}'");
        }
    }

    private int LinkOf(AdministrationRequest request)
    {
        int link = Need(request.Link, "link");
        return _controller.Host.Links().Any(known => known.Index == link) ? link : throw new HostException(HostError.NotFound, $"there is no link with index {link}");
    }

    private static AdministrationAnswer Outcome(in SetupOutcome outcome) => new() { Outcome = ReportConversion.Of(outcome) };

    private static async Task<AdministrationAnswer> DoneAsync(Task work)
    {
        await work;
        return new();
    }
}
