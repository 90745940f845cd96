// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>What our endpoints tell a bus owner about themselves.</summary>
internal static class EndpointControl
{
    // The number in front of echo and bench messages; nobody's registered vendor ID, and for the protocols' own use only.
    private const uint VendorId = 0xCCDE;
    private const ushort EchoSet = 0x00F0;
    private const ushort BenchSet = 0x00F1;

    public static ControlResponder Create(EndpointOptions options) => new(new ControlResponderOptions
    {
        Uuid = options.Uuid,
        StaticEid = options.StaticEid,
        MessageTypes = [MessageType.VendorPci],
        VendorSets = [new VendorDefinedSet(VendorIdFormat.Pci, VendorId, EchoSet), new VendorDefinedSet(VendorIdFormat.Pci, VendorId, BenchSet)],
    });
}
