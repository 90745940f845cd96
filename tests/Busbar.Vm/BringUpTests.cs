// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Devices;
using Busbar.Guest;
using Busbar.Pci;
using Xunit;

namespace Busbar.Vm;

/// <summary>docs/bring-up.md by hand in a guest: its script finds the device, joins, and gets an answer with nothing but 32-bit accesses.</summary>
[Trait("speed", "slow")]
public sealed class BringUpTests
{
    private const string Address = "0000:00:04.0";

    [Fact]
    public void Script_OfTheBringUpPage_GetsTheEndpointsAnswer()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bb-");
        try
        {
            using var device = new MmbiDevice(new MmbiDeviceOptions());
            device.Start();
            using var server = new VfioUserServer(device.Function, new VfioUserServerOptions { SocketPath = Path.Combine(folder.FullName, "v") });
            server.Start();
            using GuestMachine guest = Guests.Boot(new GuestOptions
            {
                QemuArguments = ["-device", $$"""{"driver":"vfio-user-pci","addr":"0x4","rombar":0,"socket":{"type":"unix","path":"{{server.SocketPath}}"} }"""],
            });
            guest.Store("/tmp/bring-up.sh", File.ReadAllBytes(Script()));

            string[] lines = guest.Run($"sh /tmp/bring-up.sh {Address}", Guests.CommandLimit).Check().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

            Assert.Equal([0x31584D42u], Values(lines, "id"));
            Assert.Equal([0x424D4D23u], Values(lines, "signature"));
            Assert.Equal([2u, 0u], Values(lines, "ros before"));
            Assert.Equal([2u, 1u], Values(lines, "ros joined"));

            // Three events; the answer is 16 bytes in the ring, our request was read.
            Assert.Equal([7u], Values(lines, "masked"));
            Assert.Equal([0x12u, 0xDu], Values(lines, "ros answered"));

            // 11 bytes and one of padding; from EID 0 to EID 8, the tag without its owner bit; control, no request, Get Endpoint ID, success.
            uint[] answer = Values(lines, "answer");
            Assert.Equal(0x040D0000u, answer[0]);
            Assert.Equal(0xC0000801u, answer[1]);
            Assert.Equal(0x00020000u, answer[2]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static uint[] Values(string[] lines, string name)
    {
        string line = Assert.Single(lines, each => each.StartsWith(name + " 0x", StringComparison.Ordinal));
        return [.. line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => uint.Parse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))];
    }

    private static string Script()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string script = Path.Combine(folder.FullName, "docs", "bring-up.sh");
            if (File.Exists(script)) return script;
        }

        throw new FileNotFoundException("docs/bring-up.sh stands above the tests");
    }
}
