// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>The result of <c>bench scale</c>.</summary>
/// <param name="Links">Links of the stack in the middle.</param>
/// <param name="Networks">Networks.</param>
/// <param name="Endpoints">Emulated endpoints, each with a stack, a link and a control responder of its own.</param>
/// <param name="BytesPerIdleEndpoint">Managed bytes of the whole world divided by the endpoints, before anything was sent.</param>
/// <param name="BytesPerAskedEndpoint">The same after all were asked: with the buffers and tags that this made.</param>
/// <param name="AskAllMs">Milliseconds in which all endpoints were asked for their EID and had answered.</param>
/// <param name="NsPerExchange">The same for one request and its answer.</param>
/// <param name="AllocatedPerExchange">Managed bytes for one request and its answer, after the first round.</param>
/// <param name="EnumeratedEndpoints">Endpoints of the network that was enumerated.</param>
/// <param name="EnumerateDirectMs">Milliseconds in which a bus owner had found, named and described them on buses of its own process; null when not measured.</param>
/// <param name="EnumerateBridgedMs">The same with all of them behind a bridge, which the bus owner reaches over MMBI; null when not measured.</param>
/// <param name="Rounds">Rounds measured.</param>
public sealed record ScaleBenchReport(
    int Links,
    int Networks,
    int Endpoints,
    double BytesPerIdleEndpoint,
    double BytesPerAskedEndpoint,
    Spread AskAllMs,
    Spread NsPerExchange,
    double AllocatedPerExchange,
    int EnumeratedEndpoints,
    Spread? EnumerateDirectMs,
    Spread? EnumerateBridgedMs,
    int Rounds);
