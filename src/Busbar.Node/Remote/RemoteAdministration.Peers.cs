// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>The daemon's peers.</content>
public sealed partial class RemoteAdministration
{
    /// <inheritdoc/>
    public Task<SetupOutcome> SetupEndpointAsync(int link, PhysicalAddress address) => SetUpAsync(At(AdministrationMethod.SetupEndpoint, link, address));

    /// <inheritdoc/>
    public Task<SetupOutcome> AssignEndpointAsync(int link, PhysicalAddress address) => SetUpAsync(At(AdministrationMethod.AssignEndpoint, link, address));

    /// <inheritdoc/>
    public Task<SetupOutcome> AssignEndpointStaticAsync(int link, PhysicalAddress address, Eid eid) =>
        SetUpAsync(At(AdministrationMethod.AssignEndpointStatic, link, address) with { Eid = eid.Value });

    /// <inheritdoc/>
    public Task<SetupOutcome> AssignBridgeStaticAsync(int link, PhysicalAddress address, Eid eid, Eid poolStart, int poolSize) =>
        SetUpAsync(At(AdministrationMethod.AssignBridgeStatic, link, address) with { Eid = eid.Value, PoolStart = poolStart.Value, PoolSize = poolSize });

    /// <inheritdoc/>
    public Task<SetupOutcome> LearnEndpointAsync(int link, PhysicalAddress address) => SetUpAsync(At(AdministrationMethod.LearnEndpoint, link, address));

    /// <inheritdoc/>
    public Task<SetupOutcome> LearnEndpointAsync(uint network, Eid eid) => SetUpAsync(At(AdministrationMethod.LearnEndpointByEid, network, eid));

    /// <inheritdoc/>
    public Task RemoveEndpointAsync(uint network, Eid eid) => _connection.AskAsync(At(AdministrationMethod.RemoveEndpoint, network, eid));

    /// <inheritdoc/>
    public Task RecoverEndpointAsync(uint network, Eid eid) => _connection.AskAsync(At(AdministrationMethod.RecoverEndpoint, network, eid));

    /// <inheritdoc/>
    public Task SetMtuAsync(uint network, Eid eid, int mtu) => _connection.AskAsync(At(AdministrationMethod.SetMtu, network, eid) with { Mtu = mtu });

    /// <inheritdoc/>
    public Task SetRoleAsync(int link, LinkRole role) =>
        _connection.AskAsync(new AdministrationRequest { Method = AdministrationMethod.SetRole, Link = link, Role = role.ToString() });

    private static AdministrationRequest At(AdministrationMethod method, int link, PhysicalAddress address) =>
        new() { Method = method, Link = link, Address = address.ToString() };

    private static AdministrationRequest At(AdministrationMethod method, uint network, Eid eid) => new() { Method = method, Network = network, Eid = eid.Value };

    private async Task<SetupOutcome> SetUpAsync(AdministrationRequest request)
    {
        AdministrationAnswer answer = await _connection.AskAsync(request).ConfigureAwait(false);
        return answer.Outcome is { } outcome ? ReportConversion.ToOutcome(outcome) : throw NoAnswer();
    }
}
