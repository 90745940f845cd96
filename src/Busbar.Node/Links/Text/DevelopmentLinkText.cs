// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>Reads what follows <c>dev:</c>.</summary>
internal static class DevelopmentLinkText
{
    public const string Grammar = "dev:unix:PATH[,listen][,mtu=BYTES] | dev:udp:HOST:PORT,peer=HOST:PORT[,mtu=BYTES]";

    internal const int LargestMtu = Bindings.DevelopmentFrame.LargestPacket;
    private const string Remedy = "write dev:unix:PATH, or dev:udp:HOST:PORT,peer=HOST:PORT";

    public static bool TryParse(LinkText link, [NotNullWhen(true)] out LinkSpec? result, [NotNullWhen(false)] out string? error)
    {
        result = null;
        DevelopmentLinkSpec spec;
        string[] head = link.Where.Split(':', 2);
        string rest = head.Length == 2 ? head[1] : string.Empty;
        if (head[0] == "unix" && rest.Length != 0)
        {
            spec = new DevelopmentLinkSpec { Text = link.Text, IsUdp = false, Path = rest };
        }
        else if (head[0] == "udp" && LinkText.TryParseAddress(rest, out string? host, out int port))
        {
            spec = new DevelopmentLinkSpec { Text = link.Text, IsUdp = true, Path = host, Port = port };
        }
        else
        {
            error = link.Refuse(head[0] switch
            {
                "" => $"no medium; {Remedy}",
                "unix" => $"no socket; {Remedy}",
                "udp" => $"'{rest}' is not HOST:PORT; write for instance dev:udp:127.0.0.1:4001,peer=127.0.0.1:4002",
                _ => $"unknown medium '{head[0]}'; {Remedy}",
            });
            return false;
        }

        error = link.ReadOptions((key, value) => Take(ref spec, key, value), "listen");
        if (error is null && spec.IsUdp && spec.PeerPort == 0) error = link.Refuse("UDP needs the other node's address; add for instance peer=127.0.0.1:4002");
        if (error is not null) return false;
        result = spec;
        return true;
    }

    private static string? Take(ref DevelopmentLinkSpec spec, string key, string? value)
    {
        switch (key)
        {
            case "listen" when value is null:
                if (spec.IsUdp) return "'listen' is for UNIX sockets; leave it out";
                spec = spec with { Listens = true };
                return null;
            case "peer":
                if (!spec.IsUdp) return "peer= is for UDP; leave it out";
                if (!LinkText.TryParseAddress(value ?? string.Empty, out string? host, out int port))
                    return $"peer={value} is not HOST:PORT; write for instance peer=127.0.0.1:4002";
                spec = spec with { PeerHost = host, PeerPort = port };
                return null;
            case "mtu":
                if (LinkText.CheckNumber("mtu", value, MctpLink.MinimumMtu, LargestMtu, out int mtu) is { } wrong) return $"{wrong} (header included)";
                spec = spec with { Mtu = mtu };
                return null;
            default:
                return $"unknown option '{key}'; known are listen, peer and mtu";
        }
    }
}
