// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>Reads LINK arguments. Every refusal is one line that names the culprit and the remedy.</summary>
public static class LinkSpecParser
{
    /// <summary>The grammar, for help texts.</summary>
    public const string Grammar =
        "mmbi:WINDOW[,role=owner|discoverer][,dialect=auto|v1.1|v1.0-aspeed|v1.0-espi][,size=2M][,wait=spin|adaptive|block|poll]"
        + "[,instance=K][,instances=N][,peer=ID][,mtu=BYTES][,hugepages=on|off]"
        + "[,backend=vfio|iommufd|sysfs][,bar=N], WINDOW = ivshmem:SOCKET | shm:PATH | file:PATH | pci:DOMAIN:BUS:DEVICE.FUNCTION | vfio-user:SOCKET";

    internal const int SmallestWindow = 8192;
    internal const int LargestWindow = 1 << 30;
    private const int LargestInstance = 7;
    private const int LargestPeer = 65535;

    /// <summary>Parses a LINK.</summary>
    /// <param name="text">The argument as the user typed it.</param>
    /// <param name="spec">The meaning.</param>
    /// <param name="error">One line that names the culprit and the remedy.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LinkSpec? spec, [NotNullWhen(false)] out string? error)
    {
        spec = null;
        if (text.Any(char.IsControl))
        {
            error = "a link contains a control character; write it in one line of printable characters";
            return false;
        }

        string[] parts = text.Split(',');
        string[] head = parts[0].Split(':', 3);
        if (head[0] != "mmbi")
        {
            error = $"link '{text}': unknown binding '{head[0]}'; a link starts with 'mmbi:'";
            return false;
        }

        if (head.Length < 3 || head[2].Length == 0)
        {
            error = $"link '{text}': no window; write mmbi:ivshmem:SOCKET, mmbi:shm:PATH, mmbi:file:PATH, mmbi:pci:ADDRESS or mmbi:vfio-user:SOCKET";
            return false;
        }

        WindowKind? kind = head[1] switch
        {
            "ivshmem" => WindowKind.Ivshmem,
            "shm" => WindowKind.Shm,
            "file" => WindowKind.File,
            "pci" => WindowKind.Pci,
            "vfio-user" => WindowKind.VfioUser,
            _ => null,
        };
        if (kind is null)
        {
            error = $"link '{text}': unknown window '{head[1]}'; use ivshmem:SOCKET, shm:PATH, file:PATH, pci:ADDRESS or vfio-user:SOCKET";
            return false;
        }

        // The address has colons of its own: what follows the second one is all of it.
        PciAddress address = default;
        if (kind == WindowKind.Pci && !PciAddress.TryParse(head[2], out address))
        {
            error = $"link '{text}': '{head[2]}' is no PCI address; write for instance mmbi:pci:0000:00:04.0 ('busbar pci list' shows them)";
            return false;
        }

        spec = new LinkSpec { Text = text, Window = kind.Value, Path = head[2], Address = kind == WindowKind.Pci ? address : null };
        error = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string part in parts.Skip(1))
        {
            string[] pair = part.Split('=', 2);
            if (pair.Length != 2 || pair[1].Length == 0) error = $"link '{text}': '{part}' is not KEY=VALUE";
            else if (!seen.Add(pair[0])) error = $"link '{text}': '{pair[0]}' is given twice";
            else if (!TryApply(ref spec, pair[0], pair[1], out string? reason)) error = $"link '{text}': {reason}";
            if (error is null) continue;
            spec = null;
            return false;
        }

        bool isFunction = spec.Window is WindowKind.Pci or WindowKind.VfioUser;
        if (isFunction ? seen.Contains("size") || seen.Contains("hugepages") : seen.Contains("backend") || seen.Contains("bar"))
        {
            error = isFunction
                ? $"link '{text}': the device decides on its window; leave out size= and hugepages="
                : $"link '{text}': backend= and bar= are for PCI functions; leave them out";
            spec = null;
            return false;
        }

        if (spec.Window == WindowKind.VfioUser && seen.Contains("backend"))
        {
            error = $"link '{text}': the device is another process, not the kernel's; leave out backend=";
            spec = null;
            return false;
        }

        if (spec.Instances <= spec.Instance)
        {
            error = $"link '{text}': instance={spec.Instance} is not one of instances={spec.Instances}; they count from 0";
            spec = null;
            return false;
        }

        return true;
    }

    private static bool TryApply(ref LinkSpec spec, string key, string value, [NotNullWhen(false)] out string? reason)
    {
        reason = null;
        switch (key)
        {
            case "role":
                MmbiRole? role = value switch { "owner" => MmbiRole.Owner, "discoverer" => MmbiRole.Discoverer, _ => null };
                if (role is null) reason = $"role={value} is unknown; use owner or discoverer";
                spec = spec with { Role = role };
                break;
            case "dialect":
                MmbiDialect? dialect = null;
                if (value != "auto" && !MmbiDialect.TryParse(value, out dialect))
                    reason = $"dialect={value} is unknown; use auto, v1.1, v1.0-aspeed or v1.0-espi";
                spec = spec with { Dialect = dialect };
                break;
            case "size":
                if (!TryParseSize(value, out long size) || size < SmallestWindow || size > LargestWindow || !BitOperations.IsPow2(size))
                    reason = $"size={value} is not a power of two from 8K to 1G; write for instance size=2M";
                spec = spec with { Size = (int)Math.Min(size, int.MaxValue) };
                break;
            case "wait":
                WaitStrategy? wait = value switch
                {
                    "spin" => WaitStrategy.Spin,
                    "adaptive" => WaitStrategy.Adaptive,
                    "block" => WaitStrategy.Block,
                    "poll" => WaitStrategy.Poll,
                    _ => null,
                };
                if (wait is null) reason = $"wait={value} is unknown; use spin, adaptive, block or poll";
                spec = spec with { Wait = wait };
                break;
            case "instance":
                if (!TryParseNumber(value, 0, LargestInstance, out int instance)) reason = $"instance={value} is not a number from 0 to {LargestInstance}";
                spec = spec with { Instance = instance };
                break;
            case "instances":
                if (!TryParseNumber(value, 1, LargestInstance + 1, out int instances)) reason = $"instances={value} is not a number from 1 to {LargestInstance + 1}";
                spec = spec with { Instances = instances };
                break;
            case "peer":
                if (!TryParseNumber(value, 0, LargestPeer, out int peer)) reason = $"peer={value} is not an ivshmem id from 0 to {LargestPeer}";
                spec = spec with { Peer = peer };
                break;
            case "mtu":
                if (!TryParseNumber(value, Mctp.MctpLink.MinimumMtu, 65_540, out int mtu)) reason = $"mtu={value} is not a number from 68 to 65540 (header included)";
                spec = spec with { Mtu = mtu };
                break;
            case "hugepages":
                if (value is not ("on" or "off")) reason = $"hugepages={value} is unknown; use on or off";
                spec = spec with { HugePages = value == "on" };
                break;
            case "backend":
                PciBackend? backend = value switch { "vfio" => PciBackend.Vfio, "iommufd" => PciBackend.Iommufd, "sysfs" => PciBackend.Sysfs, _ => null };
                if (backend is null) reason = $"backend={value} is unknown; use vfio, iommufd or sysfs, or leave it out";
                spec = spec with { Backend = backend ?? PciBackend.Automatic };
                break;
            case "bar":
                if (!TryParseNumber(value, 0, 5, out int bar)) reason = $"bar={value} is not a number from 0 to 5";
                spec = spec with { Bar = bar };
                break;
            default:
                reason = $"unknown option '{key}'; known are role, dialect, size, wait, instance, instances, peer, mtu, hugepages, backend and bar";
                break;
        }

        return reason is null;
    }

    private static bool TryParseNumber(string text, int low, int high, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= low && value <= high;

    /// <summary>Reads a byte count with an optional K, M or G (powers of 1024).</summary>
    /// <param name="text">For instance <c>2M</c>.</param>
    /// <param name="bytes">The count.</param>
    public static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        if (text.Length == 0) return false;
        int shift = char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        ReadOnlySpan<char> digits = shift == 0 ? text : text.AsSpan(0, text.Length - 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > long.MaxValue >> shift) return false;
        bytes = number << shift;
        return true;
    }
}
