// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;

namespace Busbar.Node;

/// <summary>Hosts in LINK arguments.</summary>
internal static class HostNames
{
    /// <summary>The address behind HOST:PORT; may ask a name server and wait for it.</summary>
    /// <exception cref="MctpException"><see cref="MctpError.BadConfiguration"/> the name has no address.</exception>
    public static IPEndPoint Resolve(LinkSpec spec, string host, int port)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal)) return new IPEndPoint(literal, port);
        try
        {
            IPAddress[] found = Dns.GetHostAddresses(host);
            if (found.Length != 0) return new IPEndPoint(found[0], port);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            throw new MctpException(MctpError.BadConfiguration, $"link '{spec.Text}': '{host}' is no address, and no host of that name is known", failure);
        }

        throw new MctpException(MctpError.BadConfiguration, $"link '{spec.Text}': the host '{host}' has no address");
    }
}
