// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>The first byte of a message body: bits 6:0 the type (DSP0239), bit 7 IC, "an integrity check ends the body".</summary>
/// <param name="Raw">Type and IC bit as on the wire.</param>
public readonly record struct MessageType(byte Raw)
{
    /// <summary>MCTP control (DSP0236).</summary>
    public static readonly MessageType Control;

    /// <summary>Platform Level Data Model (DSP0241).</summary>
    public static readonly MessageType Pldm = new(0x01);

    /// <summary>NC-SI over MCTP (DSP0261).</summary>
    public static readonly MessageType NcSi = new(0x02);

    /// <summary>Ethernet over MCTP (DSP0261).</summary>
    public static readonly MessageType Ethernet = new(0x03);

    /// <summary>NVMe-MI (DSP0235).</summary>
    public static readonly MessageType NvmeMi = new(0x04);

    /// <summary>SPDM (DSP0275).</summary>
    public static readonly MessageType Spdm = new(0x05);

    /// <summary>Secured messages (DSP0276).</summary>
    public static readonly MessageType SecuredMessages = new(0x06);

    /// <summary>CXL FM-API (DSP0234).</summary>
    public static readonly MessageType CxlFmApi = new(0x07);

    /// <summary>CXL component command interface (DSP0281).</summary>
    public static readonly MessageType CxlCci = new(0x08);

    /// <summary>Vendor defined, PCI vendor ID; also what mctp-req, mctp-echo and mctp-bench use.</summary>
    public static readonly MessageType VendorPci = new(0x7E);

    /// <summary>Vendor defined, IANA enterprise number.</summary>
    public static readonly MessageType VendorIana = new(0x7F);

    private const byte IntegrityCheckBit = 0x80;

    /// <summary>The type without the IC bit, 0..0x7F.</summary>
    public byte Value => (byte)(Raw & ~IntegrityCheckBit);

    /// <summary>The IC bit. Its trailer is the business of the message type, not of the transport.</summary>
    public bool HasIntegrityCheck => (Raw & IntegrityCheckBit) != 0;

    /// <summary>The same type with the IC bit as asked.</summary>
    /// <param name="present">The new IC bit.</param>
    public MessageType WithIntegrityCheck(bool present) => new((byte)(present ? Raw | IntegrityCheckBit : Raw & ~IntegrityCheckBit));

    /// <summary>The raw byte in hexadecimal, as mctp tools print it.</summary>
    public override string ToString() => $"0x{Raw:x2}";
}
