// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Pci;

/// <summary>PCI Express (PCI Express Base, 7.5.3).</summary>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="Version">Version of the structure, 1 or 2.</param>
/// <param name="PortType">Kind of port: 0 endpoint, 1 legacy endpoint, 4 root port, 5 upstream, 6 downstream, 7 bridge to PCI, 8 bridge from PCI, 9 integrated endpoint, 10 event collector.</param>
/// <param name="MaxPayloadOffered">Largest payload of a packet that the function could take, bytes; 0 for a reserved encoding.</param>
/// <param name="MaxPayload">The one in force, bytes; 0 for a reserved encoding.</param>
/// <param name="MaxReadRequest">Largest read request in force, bytes; 0 for a reserved encoding.</param>
/// <param name="HasFunctionReset">True when the function can be reset by itself.</param>
/// <param name="HasTransactionsPending">True while own requests are unanswered.</param>
/// <param name="MaxLinkSpeed">Fastest link, in generations (1 is 2.5 GT/s); 0 without link.</param>
/// <param name="MaxLinkWidth">Widest link in lanes; 0 without link.</param>
/// <param name="LinkSpeed">Speed in force; 0 without link.</param>
/// <param name="LinkWidth">Lanes in use; 0 without link.</param>
public sealed record PcieCapability(
    int Offset,
    int Version,
    int PortType,
    int MaxPayloadOffered,
    int MaxPayload,
    int MaxReadRequest,
    bool HasFunctionReset,
    bool HasTransactionsPending,
    int MaxLinkSpeed,
    int MaxLinkWidth,
    int LinkSpeed,
    int LinkWidth)
{
    private const int DeviceEnd = 0x0C;
    private const int LinkEnd = 0x14;
    private const int LargestSizeExponent = 5;
    private const int IntegratedEndpoint = 9;

    /// <summary>The kind of port in words.</summary>
    public string PortTypeName => PortType switch
    {
        0 => "endpoint",
        1 => "legacy endpoint",
        4 => "root port",
        5 => "upstream port",
        6 => "downstream port",
        7 => "bridge to PCI",
        8 => "bridge from PCI",
        IntegratedEndpoint => "integrated endpoint",
        10 => "event collector",
        _ => $"port type {PortType}",
    };

    /// <summary>Decodes a capability with identifier 0x10.</summary>
    /// <param name="image">The image.</param>
    /// <param name="entry">Where it is.</param>
    /// <param name="capability">What stands there.</param>
    /// <returns>False for another capability, or one that does not fit where it stands.</returns>
    public static bool TryRead(PciConfigImage image, PciCapability entry, [NotNullWhen(true)] out PcieCapability? capability)
    {
        capability = null;
        if (entry.IsExtended || entry.Id != (int)PciCapabilityId.PciExpress || entry.Extent < DeviceEnd) return false;
        int at = entry.Offset;
        ushort flags = image.Read16(at + 2);
        int type = (flags >> 4) & 0xF;
        uint device = image.Read32(at + 4);
        ushort control = image.Read16(at + 8);

        // An integrated endpoint has no link, and may end before the link registers.
        bool hasLink = type != IntegratedEndpoint && entry.Extent >= LinkEnd;
        uint linkOffered = hasLink ? image.Read32(at + 0x0C) : 0;
        ushort link = hasLink ? image.Read16(at + 0x12) : (ushort)0;
        capability = new PcieCapability(
            at,
            flags & 0xF,
            type,
            Size((int)(device & 7)),
            Size((control >> 5) & 7),
            Size((control >> 12) & 7),
            (device & (1u << 28)) != 0,
            (image.Read16(at + 0x0A) & 0x20) != 0,
            (int)(linkOffered & 0xF),
            (int)(linkOffered >> 4) & 0x3F,
            link & 0xF,
            (link >> 4) & 0x3F);
        return true;
    }

    private static int Size(int exponent) => exponent <= LargestSizeExponent ? 128 << exponent : 0;
}
