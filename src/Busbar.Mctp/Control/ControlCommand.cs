// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>MCTP control command codes (DSP0236, command code table). Values without a name survive as they are.</summary>
public enum ControlCommand : byte
{
    /// <summary>Assigns an EID.</summary>
    SetEndpointId = 0x01,

    /// <summary>Asks for the EID and the kind of the endpoint.</summary>
    GetEndpointId = 0x02,

    /// <summary>Asks for the UUID of the device.</summary>
    GetEndpointUuid = 0x03,

    /// <summary>Asks which versions of the base protocol or of a message type are supported.</summary>
    GetVersionSupport = 0x04,

    /// <summary>Asks for the supported message types.</summary>
    GetMessageTypeSupport = 0x05,

    /// <summary>Asks for the supported vendor-defined command sets.</summary>
    GetVendorDefinedSupport = 0x06,

    /// <summary>Asks for the physical address behind an EID.</summary>
    ResolveEndpointId = 0x07,

    /// <summary>Gives a bridge its pool of EIDs.</summary>
    AllocateEndpointIds = 0x08,

    /// <summary>Tells a bridge about routes.</summary>
    RoutingInformationUpdate = 0x09,

    /// <summary>Reads the routing table of a bridge.</summary>
    GetRoutingTableEntries = 0x0A,

    /// <summary>Makes endpoints forget that they were discovered.</summary>
    PrepareForEndpointDiscovery = 0x0B,

    /// <summary>Asks endpoints that were not discovered yet to answer.</summary>
    EndpointDiscovery = 0x0C,

    /// <summary>Tells the bus owner that an endpoint appeared.</summary>
    DiscoveryNotify = 0x0D,

    /// <summary>Asks for the UUID of the network.</summary>
    GetNetworkId = 0x0E,

    /// <summary>Asks a bridge for the next one on the way and its packet sizes.</summary>
    QueryHop = 0x0F,

    /// <summary>Asks for the EIDs of a device with a UUID.</summary>
    ResolveUuid = 0x10,

    /// <summary>Asks for receive buffer and rate limits.</summary>
    QueryRateLimit = 0x11,

    /// <summary>Asks for a limit of the transmit rate.</summary>
    RequestTxRateLimit = 0x12,

    /// <summary>Tells the transmit rate limit in force.</summary>
    UpdateRateLimit = 0x13,

    /// <summary>Asks for the interfaces of the device and their EIDs.</summary>
    QuerySupportedInterfaces = 0x14,

    /// <summary>First code of the range that belongs to transport bindings.</summary>
    TransportSpecificFirst = 0xF0,

    /// <summary>Last code of the range that belongs to transport bindings.</summary>
    TransportSpecificLast = 0xFF,
}
