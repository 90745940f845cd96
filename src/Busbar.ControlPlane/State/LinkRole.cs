// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What we are on a link.</summary>
public enum LinkRole
{
    /// <summary>Not decided: requests are answered as an endpoint without EID, nothing is assigned.</summary>
    Unknown,

    /// <summary>We assign the EIDs of this bus.</summary>
    BusOwner,

    /// <summary>Somebody else assigns ours. With bus-owner links beside it we are a bridge.</summary>
    Endpoint,
}
