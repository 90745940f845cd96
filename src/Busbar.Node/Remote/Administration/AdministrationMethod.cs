// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What an administration request asks for; on the socket the name in camel case.</summary>
internal enum AdministrationMethod
{
    /// <summary>Nothing; refused.</summary>
    None,

    State,
    Daemon,
    Links,
    Endpoints,
    Networks,
    Routes,
    Neighbours,
    SetLink,
    AddAddress,
    RemoveAddress,
    AddRoute,
    RemoveRoute,
    AddNeighbour,
    RemoveNeighbour,
    SetupEndpoint,
    AssignEndpoint,
    AssignEndpointStatic,
    AssignBridgeStatic,
    LearnEndpoint,
    LearnEndpointByEid,
    RemoveEndpoint,
    RecoverEndpoint,
    SetMtu,
    SetRole,
    Reload,
    Watch,
}
