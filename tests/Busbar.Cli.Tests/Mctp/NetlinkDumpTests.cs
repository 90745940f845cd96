// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The dump of netlink datagrams that are cut or broken.</summary>
public sealed class NetlinkDumpTests
{
    [Fact]
    public void Datagram_CutAnywhere_IsPrintedToItsEnd()
    {
        for (int length = 0; length <= NetlinkSamples.Link.Length; length++)
        {
            string text = Dump(NetlinkSamples.Link.AsSpan(0, length));
            Assert.StartsWith($"/---------- {length} bytes\n", text, StringComparison.Ordinal);
            Assert.EndsWith("\\----------\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Datagram_WithAnyByteChanged_IsPrintedToItsEnd()
    {
        for (int i = 0; i < NetlinkSamples.Link.Length; i++)
        {
            foreach (byte value in (byte[])[0, 1, 3, 0x7F, 0xFF])
            {
                byte[] broken = [.. NetlinkSamples.Link];
                broken[i] = value;
                Assert.EndsWith("\\----------\n", Dump(broken), StringComparison.Ordinal);
            }
        }
    }

    private static string Dump(ReadOnlySpan<byte> datagram)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        NetlinkDump.Write(writer, datagram);
        return writer.ToString();
    }
}
