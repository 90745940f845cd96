// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>Object paths as mctpd has them.</summary>
internal static class MctpPaths
{
    public const string Root = "/au/com/codeconstruct/mctp1";

    public static string Network(uint network) => $"{Root}/networks/{network}";

    public static string Endpoint(uint network, Eid eid) => $"{Root}/networks/{network}/endpoints/{eid}";

    /// <summary>
    /// The path of a link. Kernel names of MCTP interfaces fit as they are; characters that a path cannot have become an underscore and their number in hexadecimal.
    /// </summary>
    public static string Link(string name)
    {
        var path = new StringBuilder(Root).Append("/interfaces/");
        foreach (byte each in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)each) || each == (byte)'_') path.Append((char)each);
            else path.Append('_').Append(each.ToString("x2"));
        }

        if (name.Length == 0) path.Append('_');
        return path.ToString();
    }
}
