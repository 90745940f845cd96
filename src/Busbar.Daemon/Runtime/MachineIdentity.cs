// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using Busbar.Linux;

namespace Busbar.Daemon;

/// <summary>The UUID of this system when the configuration names none: derived from the machine's identity, so that it stays and does not give that identity away.</summary>
public static class MachineIdentity
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    private static readonly string[] s_sources = ["/etc/machine-id", "/var/lib/dbus/machine-id", BootId];

    /// <summary>
    /// Derives the UUID; a random one when the system has no identity at all. Where nothing can be hashed it is that of the boot, which names no machine and lasts as long as it runs.
    /// </summary>
    public static Guid Uuid()
    {
        if (!CryptoLibrary.IsAvailable) return Read(BootId) ?? Guid.NewGuid();
        return s_sources.Select(Read).FirstOrDefault(static found => found is not null) is { } identity ? Derive(identity) : Guid.NewGuid();
    }

    /// <summary>Derives a UUID (version 4) for MCTP from an identity.</summary>
    /// <param name="identity">What names the machine.</param>
    public static Guid Derive(Guid identity)
    {
        byte[] hash = HMACSHA256.HashData(identity.ToByteArray(bigEndian: true), Encoding.ASCII.GetBytes("busbar.mctp"));
        Span<byte> uuid = hash.AsSpan(0, 16);
        uuid[6] = (byte)((uuid[6] & 0x0F) | 0x40);
        uuid[8] = (byte)((uuid[8] & 0x3F) | 0x80);
        return new Guid(uuid, bigEndian: true);
    }

    private static Guid? Read(string path)
    {
        try
        {
            return Guid.TryParse(File.ReadAllText(path).Trim(), out Guid identity) && identity != Guid.Empty ? identity : null;
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
