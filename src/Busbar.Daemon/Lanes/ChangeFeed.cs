// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.ControlPlane;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>Makes one document of each change, for all who watch. Costs nothing while nobody does.</summary>
internal sealed class ChangeFeed : IDisposable
{
    private readonly NetworkController _controller;
    private readonly StateReader _state;

    public ChangeFeed(NetworkController controller, StateReader state)
    {
        _controller = controller;
        _state = state;
        controller.Links.Added += LinkAdded;
        controller.Links.Removed += LinkRemoved;
        controller.Links.Changed += LinkChanged;
        controller.Endpoints.Published += EndpointAdded;
        controller.Endpoints.Removed += EndpointRemoved;
        controller.Endpoints.Changed += EndpointChanged;
        controller.Host.Changed += HostChanged;
        controller.Noted += Noted;
    }

    /// <summary>A change, as a document of the administration lane.</summary>
    public event Action<ReadOnlyMemory<byte>>? Happened;

    public void Dispose()
    {
        _controller.Links.Added -= LinkAdded;
        _controller.Links.Removed -= LinkRemoved;
        _controller.Links.Changed -= LinkChanged;
        _controller.Endpoints.Published -= EndpointAdded;
        _controller.Endpoints.Removed -= EndpointRemoved;
        _controller.Endpoints.Changed -= EndpointChanged;
        _controller.Host.Changed -= HostChanged;
        _controller.Noted -= Noted;
    }

    private void LinkAdded(ManagedLink link) => Tell(ChangeKind.LinkAdded, link);

    private void LinkRemoved(ManagedLink link) => Tell(ChangeKind.LinkRemoved, link);

    private void LinkChanged(ManagedLink link, HostLink before) => Tell(ChangeKind.LinkChanged, link);

    private void EndpointAdded(ManagedEndpoint endpoint) => Tell(ChangeKind.EndpointAdded, endpoint);

    private void EndpointRemoved(ManagedEndpoint endpoint) => Tell(ChangeKind.EndpointRemoved, endpoint);

    private void EndpointChanged(ManagedEndpoint endpoint, EndpointField field) => Tell(ChangeKind.EndpointChanged, endpoint, field.ToString());

    private void HostChanged(HostChange change)
    {
        if (Happened is null || change.Kind is not (HostChangeKind.AddressAdded or HostChangeKind.AddressRemoved)) return;
        Tell(new ChangeReport
        {
            Kind = change.Kind == HostChangeKind.AddressAdded ? ChangeKind.AddressAdded : ChangeKind.AddressRemoved,
            Link = _state.Link(change.Link),
            Eid = change.Eid.Value,
        });
    }

    private void Noted(ControlNote note)
    {
        if (Happened is not null && note.Severity != NoteSeverity.Debug) Tell(new ChangeReport { Kind = ChangeKind.Note, Text = note.Text });
    }

    private void Tell(ChangeKind kind, ManagedLink link)
    {
        if (Happened is not null) Tell(new ChangeReport { Kind = kind, Link = _state.Link(link.Host) });
    }

    private void Tell(ChangeKind kind, ManagedEndpoint endpoint, string? text = null)
    {
        if (Happened is not null) Tell(new ChangeReport { Kind = kind, Endpoint = _state.Endpoint(endpoint), Text = text });
    }

    private void Tell(ChangeReport change) =>
        Happened?.Invoke(JsonSerializer.SerializeToUtf8Bytes(new AdministrationAnswer { Change = change }, AdministrationJson.Default.AdministrationAnswer));
}
