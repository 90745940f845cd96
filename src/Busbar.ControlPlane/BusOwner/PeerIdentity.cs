// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Asks an endpoint what it is: message types (it must tell), vendor-defined sets and UUID (it may).</summary>
internal sealed class PeerIdentity
{
    private const int PciAnswerSize = 6;
    private const int IanaAnswerSize = 8;

    private readonly NetworkController _controller;

    public PeerIdentity(NetworkController controller) => _controller = controller;

    /// <summary>Asks for everything and records it.</summary>
    /// <param name="endpoint">Whom.</param>
    /// <exception cref="ControlPlaneException">It does not tell its message types.</exception>
    public async Task LearnAsync(ManagedEndpoint endpoint)
    {
        endpoint.MessageTypes = QueryErrors.Require(await _controller.Queries.AskAsync<GetMessageTypeSupportResponse>(endpoint.ByRoute)).Types;
        bool hasVendorTypes = endpoint.MessageTypes.Any(static type => type == MessageType.VendorPci || type == MessageType.VendorIana);
        endpoint.VendorSets = hasVendorTypes ? await VendorSetsAsync(endpoint) : [];
        endpoint.Uuid = await UuidAsync(endpoint.ByRoute);
    }

    /// <summary>Asks for the UUID.</summary>
    /// <param name="to">Whom.</param>
    /// <returns>Null when there is none, or one that is all zero.</returns>
    public async Task<Guid?> UuidAsync(MctpEndPoint to)
    {
        TypedAnswer<GetEndpointUuidResponse> answer = await _controller.Queries.AskAsync<GetEndpointUuidResponse>(to);
        return answer.Value is { } value && value.Uuid != Guid.Empty ? value.Uuid : null;
    }

    private async Task<IReadOnlyList<VendorDefinedSet>> VendorSetsAsync(ManagedEndpoint endpoint)
    {
        var sets = new List<VendorDefinedSet>();
        for (int selector = 0; selector < GetVendorDefinedSupportResponse.Last; selector++)
        {
            TypedAnswer<GetVendorDefinedSupportResponse> answer =
                await _controller.Queries.AskAsync<GetVendorDefinedSupportRequest, GetVendorDefinedSupportResponse>(endpoint.ByRoute, new((byte)selector));
            if (answer.Value is not { } value || answer.Answer.Data.Length != (value.Set.Format == VendorIdFormat.Pci ? PciAnswerSize : IanaAnswerSize)) break;
            sets.Add(value.Set);
            if (value.NextSelector == GetVendorDefinedSupportResponse.Last) return sets;
            if (value.NextSelector != selector + 1) break;
        }

        // Half a list would claim that the rest does not exist.
        _controller.Note(NoteSeverity.Warning, $"Endpoint {endpoint.Eid} of network {endpoint.Network} lists its vendor-defined types wrongly; they are ignored");
        return [];
    }
}
