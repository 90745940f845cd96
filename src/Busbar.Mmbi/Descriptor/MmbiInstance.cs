// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// One instance of a descriptor: a pair of rings with their status structures. Positions are bytes from the descriptor's first byte and may
/// be anything until the descriptor was validated.
/// </summary>
/// <param name="OwnerToHost">The B2H ring (B2H_BA, B2H_L).</param>
/// <param name="HostToOwner">The H2B ring (H2B_BA, H2B_L).</param>
/// <param name="Ros">Host_ROS, 8 bytes written by the owner (H_ROS_P).</param>
/// <param name="Rws">Host_RWS, 8 bytes written by the host (H_RWS_P).</param>
/// <param name="BufferType">BUF_T; 1 is the variable packet size circular buffer.</param>
/// <param name="HostInterruptValue">Per-instance host interrupt value, byte 25 (1.1).</param>
/// <param name="OwnerInterruptValue">Per-instance owner interrupt value, byte 26 (1.1).</param>
public sealed record MmbiInstance(
    MmbiRing OwnerToHost,
    MmbiRing HostToOwner,
    long Ros,
    long Rws,
    byte BufferType = MmbiInstance.CircularBuffer,
    byte HostInterruptValue = 0,
    byte OwnerInterruptValue = 0)
{
    /// <summary>BUF_T of the variable packet size circular buffer, the only type in use.</summary>
    public const byte CircularBuffer = 1;

    /// <summary>Bytes of Host_ROS and of Host_RWS.</summary>
    public const int StatusLength = 8;
}
