// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>Tells requests from answers by what stands in a message, where its type says so.</summary>
internal static class MuxDirection
{
    /// <summary>Whether a message is an answer.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="payload">Its body without the type byte.</param>
    /// <returns>Null when the message itself does not tell: then it is one if its peer waits for an answer.</returns>
    public static bool? IsResponse(MessageType type, ReadOnlySpan<byte> payload)
    {
        // PLDM (DSP0240): Rq in bit 7 of the first byte. NVMe-MI: ROR in bit 7 of the first byte. SPDM (DSP0274): the second byte is a code, of requests from 0x80 on.
        // NC-SI (DSP0222): the fifth byte is the packet type, of answers from 0x80 on.
        return type.Value switch
        {
            0x01 when payload.Length >= 1 => (payload[0] & 0x80) == 0,
            0x04 when payload.Length >= 1 => (payload[0] & 0x80) != 0,
            0x05 when payload.Length >= 2 => (payload[1] & 0x80) == 0,
            0x02 when payload.Length >= 5 => (payload[4] & 0x80) != 0,
            _ => null,
        };
    }
}
