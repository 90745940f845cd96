// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>A network that has an object, because links or endpoints are part of it.</summary>
internal sealed class NetworkObject
{
    public NetworkObject(uint id) => Id = id;

    public uint Id { get; }

    /// <summary>Links and published endpoints in it.</summary>
    public int Members { get; set; }
}
