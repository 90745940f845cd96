// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>Reads what follows <c>mmbi:</c>.</summary>
internal static class MmbiLinkText
{
    public const string Grammar =
        "mmbi:WINDOW[,role=owner|discoverer][,dialect=auto|v1.1|v1.0-aspeed|v1.0-espi][,size=2M][,wait=spin|adaptive|block|poll]"
        + "[,instance=K][,instances=N][,peer=ID][,mtu=BYTES][,hugepages=on|off][,trust=on|off]"
        + "[,backend=vfio|iommufd|sysfs][,bar=N], WINDOW = ivshmem:SOCKET | shm:PATH | file:PATH | pci:DOMAIN:BUS:DEVICE.FUNCTION | vfio-user:SOCKET";

    private const int LargestInstance = 7;
    private const int LargestPeer = 65535;

    public static bool TryParse(LinkText link, [NotNullWhen(true)] out LinkSpec? result, [NotNullWhen(false)] out string? error)
    {
        result = null;
        string text = link.Text;
        string[] head = link.Where.Split(':', 2);
        if (head.Length < 2 || head[1].Length == 0)
        {
            error = $"link '{text}': no window; write mmbi:ivshmem:SOCKET, mmbi:shm:PATH, mmbi:file:PATH, mmbi:pci:ADDRESS or mmbi:vfio-user:SOCKET";
            return false;
        }

        WindowKind? kind = head[0] switch
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
            error = $"link '{text}': unknown window '{head[0]}'; use ivshmem:SOCKET, shm:PATH, file:PATH, pci:ADDRESS or vfio-user:SOCKET";
            return false;
        }

        // The address has colons of its own: what follows the second one is all of it.
        PciAddress address = default;
        if (kind == WindowKind.Pci && !PciAddress.TryParse(head[1], out address))
        {
            error = $"link '{text}': '{head[1]}' is no PCI address; write for instance mmbi:pci:0000:00:04.0 ('busbar pci list' shows them)";
            return false;
        }

        var spec = new MmbiLinkSpec { Text = text, Window = kind.Value, Path = head[1], Address = kind == WindowKind.Pci ? address : null };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        error = link.ReadOptions((key, value) =>
        {
            seen.Add(key);
            return TryApply(ref spec, key, value!, out string? reason) ? null : reason;
        });
        if (error is not null) return false;
        bool isFunction = spec.Window is WindowKind.Pci or WindowKind.VfioUser;
        if (isFunction ? seen.Contains("size") || seen.Contains("hugepages") : seen.Contains("backend") || seen.Contains("bar"))
        {
            error = isFunction
                ? $"link '{text}': the device decides on its window; leave out size= and hugepages="
                : $"link '{text}': backend= and bar= are for PCI functions; leave them out";
            return false;
        }

        if (spec.Window != WindowKind.Ivshmem && seen.Contains("trust"))
        {
            error = $"link '{text}': trust= is for the memory of ivshmem servers; leave it out";
            return false;
        }

        if (spec.Window == WindowKind.VfioUser && seen.Contains("backend"))
        {
            error = $"link '{text}': the device is another process, not the kernel's; leave out backend=";
            return false;
        }

        if (spec.Instances <= spec.Instance)
        {
            error = $"link '{text}': instance={spec.Instance} is not one of instances={spec.Instances}; they count from 0";
            return false;
        }

        result = spec;
        return true;
    }

    private static bool TryApply(ref MmbiLinkSpec spec, string key, string value, [NotNullWhen(false)] out string? reason)
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
                if (!LinkSpecParser.TryParseSize(value, out long size) || size < LinkSpecParser.SmallestWindow || size > LinkSpecParser.LargestWindow || !BitOperations.IsPow2(size))
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
                if (!LinkText.TryParseNumber(value, 0, LargestInstance, out int instance)) reason = $"instance={value} is not a number from 0 to {LargestInstance}";
                spec = spec with { Instance = instance };
                break;
            case "instances":
                if (!LinkText.TryParseNumber(value, 1, LargestInstance + 1, out int instances)) reason = $"instances={value} is not a number from 1 to {LargestInstance + 1}";
                spec = spec with { Instances = instances };
                break;
            case "peer":
                if (!LinkText.TryParseNumber(value, 0, LargestPeer, out int peer)) reason = $"peer={value} is not an ivshmem id from 0 to {LargestPeer}";
                spec = spec with { Peer = peer };
                break;
            case "mtu":
                if (!LinkText.TryParseNumber(value, Mctp.MctpLink.MinimumMtu, 65_540, out int mtu)) reason = $"mtu={value} is not a number from 68 to 65540 (header included)";
                spec = spec with { Mtu = mtu };
                break;
            case "hugepages":
                if (value is not ("on" or "off")) reason = $"hugepages={value} is unknown; use on or off";
                spec = spec with { HugePages = value == "on" };
                break;
            case "trust":
                if (value is not ("on" or "off")) reason = $"trust={value} is unknown; use on or off";
                spec = spec with { TrustsMemory = value == "on" };
                break;
            case "backend":
                PciBackend? backend = value switch { "vfio" => PciBackend.Vfio, "iommufd" => PciBackend.Iommufd, "sysfs" => PciBackend.Sysfs, _ => null };
                if (backend is null) reason = $"backend={value} is unknown; use vfio, iommufd or sysfs, or leave it out";
                spec = spec with { Backend = backend ?? PciBackend.Automatic };
                break;
            case "bar":
                if (!LinkText.TryParseNumber(value, 0, 5, out int bar)) reason = $"bar={value} is not a number from 0 to 5";
                spec = spec with { Bar = bar };
                break;
            default:
                reason = $"unknown option '{key}'; known are role, dialect, size, wait, instance, instances, peer, mtu, hugepages, trust, backend and bar";
                break;
        }

        return reason is null;
    }
}
