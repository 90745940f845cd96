// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Why a server let a client go.</summary>
public enum IvshmemDropReason
{
    /// <summary>The client closed its connection, or its process ended.</summary>
    Left,

    /// <summary>The client sent something; the protocol gives clients nothing to say.</summary>
    Spoke,

    /// <summary>The client did not read what it was told.</summary>
    Stalled,

    /// <summary>The server is shutting down.</summary>
    Shutdown,
}
