// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.ControlPlane;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>
/// How long it takes a bus owner to find, name and describe all endpoints of a full network: on links of its own process, and behind a bridge over MMBI that is found, given a
/// pool, and names what it found. From the start of the bus owner's control plane until it has published the last one.
/// </summary>
internal static class Enumeration
{
    /// <summary>Endpoints of the network.</summary>
    public const int Endpoints = Buses * PerBus;

    // A bridge may take an EID for itself on each bus from its pool, and there are only 247: so few and large buses.
    private const int Buses = 3;
    private const int PerBus = 80;
    private const int Pool = Endpoints + Buses;
    private const byte FirstAddress = 0x09;

    private static readonly Eid s_owner = new(8);
    private static readonly TimeSpan s_linkPatience = TimeSpan.FromSeconds(10);

    /// <summary>All endpoints on the buses of the bus owner's own process.</summary>
    /// <returns>Milliseconds.</returns>
    public static double MeasureDirect()
    {
        using var owner = new ControlledNode(OpenBuses(), s_owner, Endpoints, Options());
        long start = Stopwatch.GetTimestamp();
        owner.Start();
        owner.WaitUntilComplete();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>All endpoints behind one bridge, which the bus owner reaches over MMBI.</summary>
    /// <param name="folder">Where the window's socket is made.</param>
    /// <returns>Milliseconds.</returns>
    public static double MeasureBehindBridge(string folder)
    {
        string socket = Path.Combine(folder, "bridge.sock");
        LinkAttachment upstream = Open($"mmbi:ivshmem:{socket},role=owner,wait=adaptive", MmbiRole.Owner);
        using var bridge = new ControlledNode(
            [upstream, .. OpenBuses()],
            Eid.Null,
            int.MaxValue,
            Options() with { WantedPoolSize = Pool, RoleOf = link => link.Address.Length == 0 ? LinkRole.Endpoint : LinkRole.BusOwner });
        bridge.Start();
        LinkAttachment downstream = Open($"mmbi:ivshmem:{socket},role=discoverer,wait=adaptive", MmbiRole.Discoverer);
        using var owner = new ControlledNode([downstream], s_owner, Endpoints, Options() with { MaximumPoolSize = Pool });
        if (!owner.Node.WaitUntilUp(downstream, s_linkPatience)) throw new MctpException(MctpError.Unreachable, "the link to the bridge did not come up");
        long start = Stopwatch.GetTimestamp();
        owner.Start();
        owner.WaitUntilComplete();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static NetworkControllerOptions Options() => new()
    {
        Uuid = Guid.NewGuid(),
        AutoDiscover = true,
        ScanAddresses = static link => link.Address.Length == 1 ? [.. Enumerable.Range(FirstAddress, PerBus).Select(static address => new PhysicalAddress([(byte)address]))] : [],
    };

    private static LinkAttachment[] OpenBuses() =>
        [.. Enumerable.Range(0, Buses).Select(number => new EmulatedBus($"bus{number}", new EmulatedBusOptions { Endpoints = PerBus, FirstAddress = FirstAddress }))];

    private static LinkAttachment Open(string text, MmbiRole role)
    {
        if (!LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error)) throw new MctpException(MctpError.BadConfiguration, error);
        return LinkOpener.Open(spec, role);
    }
}
