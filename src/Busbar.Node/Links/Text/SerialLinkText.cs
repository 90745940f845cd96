// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Busbar.Bindings;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>Reads what follows <c>serial:</c>.</summary>
internal static class SerialLinkText
{
    public const string Grammar = "serial:LINE[,mtu=BYTES], LINE = /dev/PORT[,baud=N] | pty[:NAME] | unix:PATH[,listen] | tcp:HOST:PORT[,listen]";

    private const string Remedy = "write serial:/dev/ttyS0, serial:pty, serial:pty:NAME, serial:unix:PATH or serial:tcp:HOST:PORT";
    private const int SlowestBaud = 50;
    private const int FastestBaud = 20_000_000;

    public static bool TryParse(LinkText link, [NotNullWhen(true)] out LinkSpec? result, [NotNullWhen(false)] out string? error)
    {
        result = null;
        if (!TryParseLine(link, out SerialLinkSpec? spec, out error)) return false;
        error = link.ReadOptions((key, value) => Take(ref spec, key, value), "listen");
        if (error is not null) return false;
        result = spec;
        return true;
    }

    private static bool TryParseLine(LinkText link, [NotNullWhen(true)] out SerialLinkSpec? spec, [NotNullWhen(false)] out string? error)
    {
        spec = null;
        error = null;
        string where = link.Where;
        string[] head = where.Split(':', 2);
        string rest = head.Length == 2 ? head[1] : string.Empty;
        switch (head[0])
        {
            case "pty" when head.Length == 1 || rest.Length != 0:
                spec = new SerialLinkSpec { Text = link.Text, Line = SerialLineKind.PseudoTerminal, Path = rest };
                return true;
            case "unix" when rest.Length != 0:
                spec = new SerialLinkSpec { Text = link.Text, Line = SerialLineKind.Unix, Path = rest };
                return true;
            case "tcp" when LinkText.TryParseAddress(rest, out string? host, out int port):
                spec = new SerialLinkSpec { Text = link.Text, Line = SerialLineKind.Tcp, Path = host, Port = port };
                return true;
            case "tcp":
                error = link.Refuse($"'{rest}' is not HOST:PORT; write for instance serial:tcp:127.0.0.1:4000 (an IPv6 address in brackets)");
                return false;
            case "pty" or "unix":
                error = link.Refuse($"nothing follows '{where}'; {Remedy}");
                return false;
        }

        if (where.StartsWith('/'))
        {
            spec = new SerialLinkSpec { Text = link.Text, Line = SerialLineKind.Terminal, Path = where };
            return true;
        }

        error = link.Refuse(where.Length == 0 ? $"no line; {Remedy}" : $"unknown line '{head[0]}'; {Remedy}");
        return false;
    }

    private static string? Take(ref SerialLinkSpec spec, string key, string? value)
    {
        switch (key)
        {
            case "listen" when value is null:
                if (spec.Line is not (SerialLineKind.Unix or SerialLineKind.Tcp)) return "'listen' is for sockets; leave it out";
                spec = spec with { Listens = true };
                return null;
            case "baud":
                if (spec.Line != SerialLineKind.Terminal) return "only a port has a speed; leave out baud=";
                if (LinkText.CheckNumber("baud", value, SlowestBaud, FastestBaud, out int baud) is { } noBaud) return $"{noBaud}; write for instance baud=115200";
                spec = spec with { Baud = baud };
                return null;
            case "mtu":
                if (LinkText.CheckNumber("mtu", value, MctpLink.MinimumMtu, SerialFrame.LargestPacket, out int mtu) is { } noMtu)
                    return $"{noMtu} (header included); Linux at the other end takes {MctpLink.MinimumMtu}";
                spec = spec with { Mtu = mtu };
                return null;
            default:
                return $"unknown option '{key}'; known are listen, baud and mtu";
        }
    }
}
