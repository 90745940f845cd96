// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Endpoints;

/// <summary>
/// Asks an endpoint what it is, and assigns EIDs, by control requests (DSP0236, control messages 01 to 06). Use one per thread.
/// </summary>
public sealed class EndpointSurvey : IDisposable
{
    /// <summary>The key of the base specification in <see cref="EndpointInventory.Versions"/>.</summary>
    public const string BaseVersions = "base";

    // A peer that always names a next set must not keep us for ever.
    private const int MostVendorSets = 255;

    private readonly ControlClient _client;

    /// <summary>Opens a survey.</summary>
    /// <param name="source">The node or the kernel to ask from.</param>
    /// <param name="options">Time-outs and retries; null for the usual ones.</param>
    public EndpointSurvey(IMctpSocketSource source, ControlRequesterOptions? options = null) => _client = new ControlClient(source, options);

    /// <summary>Gives whoever sits at the other end of a link an EID, over the null EID.</summary>
    /// <param name="link">Link index.</param>
    /// <param name="eid">The EID to give.</param>
    /// <returns>The EID that is in force afterwards.</returns>
    /// <exception cref="MctpException"><see cref="MctpError.PeerError"/> when the endpoint refuses; or no answer, as for <see cref="ControlClient"/>.</exception>
    public Eid Assign(int link, Eid eid)
    {
        var request = new SetEndpointIdRequest(SetEndpointIdOperation.Set, eid);
        SetEndpointIdResponse answer = _client.Ask<SetEndpointIdRequest, SetEndpointIdResponse>(request, ControlClient.AtLink(link));
        if (answer.IsRejected) throw new MctpException(MctpError.PeerError, $"the endpoint rejects EID {eid} and keeps {answer.Eid}");
        return answer.Eid;
    }

    /// <summary>Asks for the EID.</summary>
    /// <param name="endpoint">Whom to ask.</param>
    /// <exception cref="MctpException">No answer, or one that makes no sense.</exception>
    public Eid GetEid(in MctpEndPoint endpoint) => GetEndpointId(endpoint).Eid;

    /// <summary>Asks for the EID and what kind it is.</summary>
    /// <param name="endpoint">Whom to ask.</param>
    /// <exception cref="MctpException">No answer, or one that makes no sense.</exception>
    public GetEndpointIdResponse GetEndpointId(in MctpEndPoint endpoint) => _client.Ask<GetEndpointIdResponse>(endpoint);

    /// <summary>Asks for everything. What an endpoint may leave out (UUID, vendor messages, versions of a type) may be missing.</summary>
    /// <param name="endpoint">Whom to ask.</param>
    /// <exception cref="MctpException">No answer, or one that makes no sense.</exception>
    public EndpointInventory Ask(in MctpEndPoint endpoint)
    {
        GetEndpointIdResponse id = _client.Ask<GetEndpointIdResponse>(endpoint);
        bool hasUuid = _client.TryAsk(endpoint, out GetEndpointUuidResponse uuid) == CompletionCode.Success;
        GetMessageTypeSupportResponse types = _client.Ask<GetMessageTypeSupportResponse>(endpoint);
        return new EndpointInventory
        {
            Eid = id.Eid,
            IsBridge = id.Kind == EndpointKind.BusOwnerOrBridge,
            EidType = Describe(id.EidKind),
            Uuid = hasUuid ? uuid.Uuid : null,
            Types = [.. types.Types.Select(type => (int)type.Value)],
            Versions = AskVersions(endpoint, types.Types),
            Vendors = AskVendors(endpoint),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static string Describe(EidKind kind) => kind switch
    {
        EidKind.Dynamic => "dynamic",
        EidKind.StaticSupported => "static supported",
        EidKind.StaticInForce => "static, in force",
        _ => "static, but another is in force",
    };

    private Dictionary<string, IReadOnlyList<string>> AskVersions(in MctpEndPoint endpoint, IReadOnlyList<MessageType> types)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        AskVersion(endpoint, GetVersionSupportRequest.BaseSpecification, BaseVersions, found);

        // Endpoints may leave type 0 out of their list, and every one has it.
        foreach (byte type in types.Select(type => type.Value).Prepend(MessageType.Control.Value).Distinct())
            AskVersion(endpoint, type, type.ToString(CultureInfo.InvariantCulture), found);
        return found;
    }

    private void AskVersion(in MctpEndPoint endpoint, byte type, string key, Dictionary<string, IReadOnlyList<string>> found)
    {
        if (_client.TryAsk(new GetVersionSupportRequest(type), endpoint, out GetVersionSupportResponse answer) != CompletionCode.Success) return;
        found[key] = [.. answer.Versions.Select(version => version.ToString())];
    }

    private List<string> AskVendors(in MctpEndPoint endpoint)
    {
        var found = new List<string>();
        byte selector = 0;
        for (int i = 0; i < MostVendorSets; i++)
        {
            if (_client.TryAsk(new GetVendorDefinedSupportRequest(selector), endpoint, out GetVendorDefinedSupportResponse answer) != CompletionCode.Success) break;
            found.Add(answer.Set.Format == VendorIdFormat.Pci
                ? $"pci 0x{answer.Set.VendorId:x4}, set 0x{answer.Set.CommandSet:x4}"
                : $"iana {answer.Set.VendorId}, set 0x{answer.Set.CommandSet:x4}");
            if (answer.NextSelector == GetVendorDefinedSupportResponse.Last) break;
            selector = answer.NextSelector;
        }

        return found;
    }
}
