// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>What may be registered, and what mctpd says when it may not.</summary>
public sealed class TypeRegistryTests
{
    private readonly TypeRegistry _types = new();

    [Theory]
    [InlineData(0)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(133)]
    [InlineData(255)]
    public void RegisterType_Reserved_IsRefused(byte type) => Assert.Equal($"Invalid message type {type}", Refusal(() => _types.RegisterType(this, type, [1])));

    [Fact]
    public void RegisterType_Twice_IsRefusedUntilTheFirstOwnerGoes()
    {
        _types.RegisterType("one", 1, [1]);
        Refusal(() => _types.RegisterType("two", 1, [1]));
        _types.Unregister("one");
        _types.RegisterType("two", 1, [1]);
        Assert.Equal([MessageType.Control, MessageType.Pldm], _types.MessageTypes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public void RegisterType_VersionsThatDoNotFit_IsRefused(int versions) => Refusal(() => _types.RegisterType(this, 1, new uint[versions]));

    [Fact]
    public void RegisterVendorSet_Twice_IsRefused()
    {
        _types.RegisterVendorSet("one", new VendorDefinedSet(VendorIdFormat.Pci, 1, 2));
        Assert.Equal("VDM type already registered", Refusal(() => _types.RegisterVendorSet("two", new VendorDefinedSet(VendorIdFormat.Pci, 1, 2))));
    }

    [Fact]
    public void RegisterVendorSet_UnknownFormat_IsRefused() =>
        Assert.Equal("Unsupported VID format: 2", Refusal(() => _types.RegisterVendorSet(this, new VendorDefinedSet((VendorIdFormat)2, 1, 2))));

    [Fact]
    public void Register_WithoutEnd_IsBounded()
    {
        for (byte type = 1; type <= 48; type++) _types.RegisterType(this, type, [1]);
        Refusal(() => _types.RegisterType(this, 49, [1]));
        for (ushort set = 0; set < 255; set++) _types.RegisterVendorSet(this, new VendorDefinedSet(VendorIdFormat.Iana, 1, set));
        Refusal(() => _types.RegisterVendorSet(this, new VendorDefinedSet(VendorIdFormat.Iana, 1, 255)));
        Assert.Equal(50, _types.MessageTypes.Count);
    }

    [Fact]
    public void Unregister_OfOneOwner_LeavesTheOthers()
    {
        int changes = 0;
        object one = new();
        _types.RegisterType(one, 1, [1]);
        _types.RegisterVendorSet(this, new VendorDefinedSet(VendorIdFormat.Iana, 7, 1));
        _types.Changed += () => changes++;

        _types.Unregister(one);
        _types.Unregister(one);

        Assert.Equal([MessageType.Control, MessageType.VendorIana], _types.MessageTypes);
        Assert.Equal(1, changes);
    }

    private static string Refusal(Action register)
    {
        ControlPlaneException refused = Assert.Throws<ControlPlaneException>(register);
        Assert.Equal(ControlPlaneError.InvalidArgument, refused.Error);
        return refused.Message;
    }
}
