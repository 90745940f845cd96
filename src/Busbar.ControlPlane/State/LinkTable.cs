// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>The links that the control plane knows, by index.</summary>
public sealed class LinkTable
{
    private readonly SortedDictionary<int, ManagedLink> _links = [];

    /// <summary>A link came.</summary>
    public event Action<ManagedLink>? Added;

    /// <summary>A link went.</summary>
    public event Action<ManagedLink>? Removed;

    /// <summary>A link's name, network, state or role changed; the second argument is what the host said before.</summary>
    public event Action<ManagedLink, HostLink>? Changed;

    /// <summary>All links, by index.</summary>
    public IReadOnlyCollection<ManagedLink> All => _links.Values;

    /// <summary>Finds a link.</summary>
    /// <param name="index">Its index.</param>
    /// <returns>Null when there is none.</returns>
    public ManagedLink? Find(int index) => _links.GetValueOrDefault(index);

    /// <summary>Finds a link by name.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Null when there is none.</returns>
    public ManagedLink? Find(string name) => _links.Values.FirstOrDefault(link => link.Host.Name == name);

    internal void Add(ManagedLink link)
    {
        _links.Add(link.Host.Index, link);
        Added?.Invoke(link);
    }

    internal void Remove(ManagedLink link)
    {
        if (_links.Remove(link.Host.Index)) Removed?.Invoke(link);
    }

    internal void Update(ManagedLink link, HostLink now)
    {
        HostLink before = link.Host;
        link.Host = now;
        if (before != now) Changed?.Invoke(link, before);
    }

    internal void SetRole(ManagedLink link, LinkRole role)
    {
        if (link.Role == role) return;
        link.Role = role;
        Changed?.Invoke(link, link.Host);
    }
}
