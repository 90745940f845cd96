// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>The data of every control request and response: what parses comes out of Emit in a form that parses to the same.</summary>
internal sealed class ControlDataTarget : IFuzzTarget
{
    private readonly byte[] _first = new byte[65_536];
    private readonly byte[] _second = new byte[65_536];

    public string Name => "control-data";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        yield return ("set-eid", [0x00, 0x0A]);
        yield return ("uuid", [.. Enumerable.Range(0, 16).Select(value => (byte)value)]);
        yield return ("types", [0x03, 0x00, 0x01, 0x7E]);
        yield return ("versions", [0x02, 0xF1, 0xF0, 0xFF, 0x00, 0xF1, 0xF3, 0xF3, 0x00]);
        yield return ("routing-table", [0xFF, 0x02, 0x01, 0x08, 0x20, 0x04, 0x00, 0x01, 0x1D, 0x02, 0x10, 0x21, 0x05, 0x00, 0x00]);
        yield return ("routing-update", [0x02, 0x00, 0x01, 0x10, 0x01, 0x1D, 0x02, 0x02, 0x20, 0x05]);
        yield return ("interfaces", [0x04, 0x02, 0x06, 0x20, 0x01, 0x21, 0x05, 0x02]);
        yield return ("vendor", [0xFF, 0x00, 0x12, 0x34, 0x00, 0x01]);
        yield return ("uuid-resolution", [0xFF, 0x01, .. new byte[16], 0x09, 0x05, 0x00, 0x01, 0x1D]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        FuzzViolationException.Require(ControlHeader.TryParse(input, out _) == (input.Length >= ControlHeader.Size), "two bytes make a control header");
        RoundTrip<AllocateEndpointIdsRequest>(input);
        RoundTrip<AllocateEndpointIdsResponse>(input);
        RoundTrip<GetEndpointIdResponse>(input);
        RoundTrip<GetEndpointUuidResponse>(input);
        RoundTrip<GetMessageTypeSupportResponse>(input);
        RoundTrip<GetNetworkIdResponse>(input);
        RoundTrip<GetRoutingTableEntriesRequest>(input);
        RoundTrip<GetRoutingTableEntriesResponse>(input);
        RoundTrip<GetVendorDefinedSupportRequest>(input);
        RoundTrip<GetVendorDefinedSupportResponse>(input);
        RoundTrip<GetVersionSupportRequest>(input);
        RoundTrip<GetVersionSupportResponse>(input);
        RoundTrip<QueryHopRequest>(input);
        RoundTrip<QueryHopResponse>(input);
        RoundTrip<QueryRateLimitResponse>(input);
        RoundTrip<QuerySupportedInterfacesResponse>(input);
        RoundTrip<RequestTxRateLimitRequest>(input);
        RoundTrip<RequestTxRateLimitResponse>(input);
        RoundTrip<ResolveEndpointIdRequest>(input);
        RoundTrip<ResolveEndpointIdResponse>(input);
        RoundTrip<ResolveUuidRequest>(input);
        RoundTrip<ResolveUuidResponse>(input);
        RoundTrip<RoutingInformationUpdateRequest>(input);
        RoundTrip<SetEndpointIdRequest>(input);
        RoundTrip<SetEndpointIdResponse>(input);
        RoundTrip<UpdateRateLimitRequest>(input);
    }

    private void RoundTrip<T>(ReadOnlySpan<byte> input)
        where T : IControlData<T>
    {
        if (!T.TryParse(input, out T value)) return;
        int length = value.Emit(_first);
        FuzzViolationException.Require(length <= input.Length, $"{typeof(T).Name} is emitted in no more bytes than it was read from");
        FuzzViolationException.Require(T.TryParse(_first.AsSpan(0, length), out T again), $"{typeof(T).Name} parses what it emits");
        int repeated = again.Emit(_second);
        FuzzViolationException.Require(_first.AsSpan(0, length).SequenceEqual(_second.AsSpan(0, repeated)), $"{typeof(T).Name} is the same the second time");
    }
}
