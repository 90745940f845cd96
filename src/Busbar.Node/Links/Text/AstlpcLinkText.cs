// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Busbar.Bindings;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>Reads what follows <c>astlpc:</c>.</summary>
internal static class AstlpcLinkText
{
    public const string Grammar = "astlpc:shm:PATH[,role=bmc|host][,size=1M][,wait=spin|poll][,mtu=BYTES]";

    private const int LargestMtu = 65_540;

    public static bool TryParse(LinkText link, [NotNullWhen(true)] out LinkSpec? result, [NotNullWhen(false)] out string? error)
    {
        result = null;
        string[] head = link.Where.Split(':', 2);
        if (head[0] != "shm" || head.Length < 2 || head[1].Length == 0)
        {
            error = link.Refuse(head[0] is "" or "shm" ? "no window; write astlpc:shm:PATH" : $"unknown window '{head[0]}'; write astlpc:shm:PATH");
            return false;
        }

        var spec = new AstlpcLinkSpec { Text = link.Text, Path = head[1] };
        error = link.ReadOptions((key, value) => Take(ref spec, key, value!));
        if (error is not null) return false;
        result = spec;
        return true;
    }

    private static string? Take(ref AstlpcLinkSpec spec, string key, string value)
    {
        switch (key)
        {
            case "role":
                AstlpcRole? role = value switch { "bmc" => AstlpcRole.Bmc, "host" => AstlpcRole.Host, _ => null };
                if (role is null) return $"role={value} is unknown; use bmc or host";
                spec = spec with { Role = role };
                return null;
            case "size":
                bool isSize = LinkSpecParser.TryParseSize(value, out long size) && size is >= LinkSpecParser.SmallestWindow and <= LinkSpecParser.LargestWindow;
                if (!isSize || !BitOperations.IsPow2(size)) return $"size={value} is not a power of two from 8K to 1G; write for instance size=1M";
                spec = spec with { Size = (int)size };
                return null;
            case "wait":
                WaitStrategy? wait = value switch { "spin" => WaitStrategy.Spin, "poll" => WaitStrategy.Poll, _ => null };
                if (wait is null) return $"wait={value} is unknown; use spin or poll";
                spec = spec with { Wait = wait };
                return null;
            case "mtu":
                if (LinkText.CheckNumber("mtu", value, MctpLink.MinimumMtu, LargestMtu, out int mtu) is { } wrong) return $"{wrong} (header included)";
                spec = spec with { Mtu = mtu };
                return null;
            default:
                return $"unknown option '{key}'; known are role, size, wait and mtu";
        }
    }
}
