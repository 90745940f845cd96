// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>Which end of a window this is. Both ends run the same engine.</summary>
public enum MmbiRole
{
    /// <summary>Publishes the descriptor and writes Host_ROS and the B2H ring; usually the management controller or the endpoint.</summary>
    Owner,

    /// <summary>Finds the descriptor and writes Host_RWS and the H2B ring; usually the host.</summary>
    Discoverer,
}
