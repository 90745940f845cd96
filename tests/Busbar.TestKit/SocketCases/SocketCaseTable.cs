// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <summary>
/// What MCTP sockets do, as data: the same table runs against our stack and, in a guest, against the kernel's AF_MCTP. It knows neither, nor any test framework.
/// </summary>
/// <remarks>Where the two differ on purpose, a case says both; <c>docs/kernel-differences.md</c> explains each.</remarks>
public static partial class SocketCaseTable
{
    private const byte Any = 255;

    /// <summary>Networks in which the system under test holds <see cref="LookupEids"/>, for the look-up cases.</summary>
    public const uint LookupNetworks = 9;

    /// <summary>EIDs that the system under test holds in each of these networks.</summary>
    public static IReadOnlyList<byte> LookupEids { get; } = [10, 11, 99];

    /// <summary>The binds that are present in all look-up cases.</summary>
    public static IReadOnlyList<SocketBind> Binds { get; } =
    [
        new("any", 1, Any, 0),
        new("L10", 1, 10, 1),
        new("L10n8", 1, 10, 8),
        new("An9", 1, Any, 9),
        new("R20", 1, Any, 1, Peer: 20),
        new("R21L11", 1, 11, 1, Peer: 21),
        new("R21n3", 1, Any, 3, Peer: 21),
        new("R21n4", 1, Any, 4, Peer: 21),
        new("R21n5", 1, Any, 5, Peer: 21),
    ];

    /// <summary>Which bind a request goes to.</summary>
    public static IReadOnlyList<BindLookupCase> Lookups { get; } =
    [
        new(20, 10, 1, 1, "R20"),
        new(20, 255, 1, 1, "R20"),
        new(20, 0, 1, 1, "R20"),
        new(0, 255, 1, 1, "any"),
        new(0, 11, 1, 1, "any"),
        new(0, 0, 1, 1, "any"),
        new(0, 10, 1, 1, "L10"),
        new(21, 10, 1, 1, "L10"),
        new(21, 11, 1, 1, "R21L11"),
        new(99, 99, 1, 1, "any"),
        new(20, 10, 1, 3, null),
        new(0, 0, 7, 1, "any"),
        new(21, 10, 2, 1, "any"),
        new(20, 10, 3, 1, "any"),
        new(21, 10, 3, 1, "R21n3"),
        new(21, 10, 4, 1, "R21n4"),
        new(21, 10, 5, 1, "R21n5"),
        new(99, 10, 8, 1, "L10n8"),
        new(99, 10, 9, 1, "An9"),
        new(0, 0, 9, 1, "An9"),
        new(99, 99, 9, 1, "An9"),
        new(20, 10, 9, 1, "An9"),
        new(20, 10, 1, 0x81, "R20"),
    ];

    /// <summary>Which binds exclude each other.</summary>
    public static IReadOnlyList<BindConflictCase> Conflicts { get; } =
    [
        new(new("any", 1, Any, 0), new("any again", 1, Any, 0), true),
        new(new("EID 8", 1, 8, 1), new("EID 8 again", 1, 8, 1), true),
        new(new("EID 8, network 0", 1, 8, 0), new("EID 8, network 1", 1, 8, 1), true),
        new(new("any from 9", 1, Any, 1, Peer: 9), new("any from 9 again", 1, Any, 1, Peer: 9), true),
        new(new("any", 1, Any, 0), new("EID 8", 1, 8, 0), false),
        new(new("type 1", 1, Any, 0), new("type 2", 2, Any, 0), false),
        new(new("EID 8", 1, 8, 1), new("EID 9", 1, 9, 1), false),
        new(new("EID 8, network 1", 1, 8, 1), new("EID 8, network 2", 1, 8, 2), false),
        new(new("any network", 1, Any, 0), new("network 1", 1, Any, 1), false),
        new(new("EID 8 from 9", 1, 8, 1, Peer: 9), new("EID 8", 1, 8, 1), false),
        new(new("any from 9", 1, Any, 1, Peer: 9), new("any", 1, Any, 0), false),
        new(new("any from 9", 1, Any, 1, Peer: 9), new("any from 10", 1, Any, 1, Peer: 10), false),
    ];

    /// <summary>Which answers match an open request.</summary>
    public static IReadOnlyList<KeyCase> Keys { get; } =
    [
        new(9, 9, 8, 0, IsOwner: false, IsDelivered: true),
        new(9, 8, 9, 0, IsOwner: false, IsDelivered: false),
        new(9, 10, 8, 0, IsOwner: false, IsDelivered: false),
        new(9, 9, 8, 1, IsOwner: false, IsDelivered: false),
        new(9, 9, 8, 0, IsOwner: true, IsDelivered: false),
        new(Any, 11, 8, 0, IsOwner: false, IsDelivered: true),
        new(Any, 11, 8, 1, IsOwner: false, IsDelivered: false),
    ];
}
