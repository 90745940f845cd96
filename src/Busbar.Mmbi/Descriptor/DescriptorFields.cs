// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>Byte positions in the capability descriptor (DSP0282, 7.1), in wire order. They agree in every dialect.</summary>
internal static class DescriptorFields
{
    public const int Signature = 0;
    public const int SignatureLength = 6;
    public const int Version = 6;
    public const int Use = 7;

    // The instance block; block k > 0 lies 32 * (k - 1) bytes behind the fixed part.
    public const int FirstInstance = 8;
    public const int InstanceLength = 32;
    public const int OwnerToHostStart = 0;
    public const int HostToOwnerStart = 4;
    public const int OwnerToHostLength = 8;
    public const int HostToOwnerLength = 12;
    public const int BufferType = 16;
    public const int HostInstanceInterrupt = 17;
    public const int OwnerInstanceInterrupt = 18;
    public const int RosPointer = 24;
    public const int RwsPointer = 28;

    public const int HostInterruptType = 40;
    public const int HostInterruptLocation = 41;
    public const int HostInterruptValue = 45;
    public const int OwnerInterruptType = 46;
    public const int OwnerInterruptLocation = 47;
    public const int OwnerInterruptValue = 55;

    public const int FixedLength = 64;

    public const byte VersionMask = 0x0F;
    public const byte OsUseMask = 0x01;
    public const int InstanceCountShift = 4;
    public const byte InstanceCountMask = 0x07;
    public const byte BufferTypeMask = 0x0F;
    public const byte InterruptTypeMask = 0x07;

    /// <summary>The signature of the published standard.</summary>
    public static ReadOnlySpan<byte> Standard => "#MMBI$"u8;

    /// <summary>The signature of the layout that preceded it.</summary>
    public static ReadOnlySpan<byte> Draft => "$MMBI$"u8;

    public static int InstanceOffset(int instance) => instance == 0 ? FirstInstance : FixedLength + (InstanceLength * (instance - 1));
}
