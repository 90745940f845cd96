// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Busbar.Linux;
using Busbar.Memory;
using Xunit;
using static Busbar.Pci.Tests.VfioUserRaw;

namespace Busbar.Pci.Tests;

/// <summary>The version, and what a client asks before it works: words on the wire, right and wrong.</summary>
public sealed class VfioUserQuestionTests : IDisposable
{
    private const int EINVAL = 22;

    private readonly VfioUserServed _served = new();

    [Fact]
    public void Version_AsQemuSendsIt_IsAnsweredNoLongerThanAsked()
    {
        using VfioUserRaw client = _served.Connect();
        byte[] asked = Version();

        (int error, byte[] answer) = client.Ask(1, asked);

        Assert.Equal(0, error);
        Assert.True(answer.Length <= asked.Length);
        Assert.Equal(0u, BitConverter.ToUInt32(answer));
        Assert.Equal(0, answer[^1]);
        using var json = System.Text.Json.JsonDocument.Parse(answer.AsMemory(4, answer.Length - 5));
        System.Text.Json.JsonElement members = json.RootElement.GetProperty("capabilities");
        Assert.Equal(16, members.GetProperty("max_msg_fds").GetInt32());
        Assert.Equal(1 << 20, members.GetProperty("max_data_xfer_size").GetInt32());
        Assert.True(members.GetProperty("write_multiple").GetBoolean());
    }

    [Fact]
    public void Version_WithoutCapabilities_IsAnsweredWithout()
    {
        using VfioUserRaw client = _served.Connect();

        Assert.Equal([0, 0, 0, 0], client.Ask(1, Version("")).Payload);
    }

    [Fact]
    public void Version_WithShortCapabilities_IsAnsweredWithWhatFits()
    {
        using VfioUserRaw client = _served.Connect();

        byte[] answer = client.Ask(1, Version("{\"capabilities\":{\"max_msg_fds\":8}}\0")).Payload;

        Assert.InRange(answer.Length, 4, 4 + 35);
    }

    [Theory]
    [InlineData("{}", "not terminated")]
    [InlineData("{\0", "half an object")]
    [InlineData("[]\0", "no object")]
    [InlineData("{} {}\0", "two objects")]
    [InlineData("{\"capabilities\":[]}\0", "a list")]
    [InlineData("{\"capabilities\":{\"max_msg_fds\":\"8\"}}\0", "text for a number")]
    [InlineData("{\"capabilities\":{\"max_msg_fds\":-1}}\0", "negative")]
    [InlineData("{\"capabilities\":{\"max_msg_fds\":1025}}\0", "too many")]
    [InlineData("{\"capabilities\":{\"max_msg_fds\":1.5}}\0", "a fraction")]
    [InlineData("{\"capabilities\":{\"max_data_xfer_size\":true}}\0", "a truth")]
    [InlineData("{\"capabilities\":{\"migration\":7}}\0", "migration is an object")]
    [InlineData("{\"capabilities\":{\"migration\":{\"pgsize\":5000}}}\0", "no page size")]
    [InlineData("{\"capabilities\":{\"twin_socket\":{\"supported\":1}}}\0", "a number for a truth")]
    [InlineData("{\"capabilities\":{\"write_multiple\":\"yes\"}}\0", "text for a truth")]
    [InlineData("{\"\\ud800\":1,\"capabilities\":{\"\\ud800\":1}}\0", "half a surrogate pair in a name; may pass", true)]
    public void Version_WithBadCapabilities_IsRefusedAndMayBeTriedAgain(string text, string why, bool either = false)
    {
        using VfioUserRaw client = _served.Connect();

        (int error, _) = client.Ask(1, Version(text));

        if (either && error == 0) return;
        Assert.True(error == EINVAL, why);
        client.Negotiate();
    }

    [Theory]
    [InlineData("{\"capabilities\":{\"pgsizes\":18446744073709547520}}\0", "every page size")]
    [InlineData("{\"capabilities\":{\"max_msg_fds\":-1,\"max_msg_fds\":8}}\0", "the last one of two counts")]
    [InlineData("{\"other\":{\"a\":[1,{\"b\":null}]},\"capabilities\":{\"unheard_of\":[]}}\0", "what nobody knows")]
    public void Version_WithUnusualCapabilities_IsAccepted(string text, string why)
    {
        using VfioUserRaw client = _served.Connect();

        Assert.True(client.Ask(1, Version(text)).Error == 0, why);
    }

    [Fact]
    public void Version_WithTextOfAnyShape_IsAnsweredOrRefused()
    {
        string deep = new('[', 30_000);
        string many = string.Join(',', Enumerable.Range(0, 20_000).Select(number => $"\"max_msg_fds\":{number}"));
        foreach (byte[] text in (byte[][])
        [
            Bytes(deep + "\0"), Bytes("{\"capabilities\":" + deep.Replace("[", "{\"capabilities\":", StringComparison.Ordinal) + "\0"),
            Bytes("{\"capabilities\":{" + many + "}}\0"), Bytes("{\"capabilities\":{\"max_data_xfer_size\":1e400}}\0"),
            Bytes("{\"capabilities\":{\"max_data_xfer_size\":" + new string('9', 50_000) + "}}\0"), [0xFF, 0xFE, 0x7B, 0],
            [.. Bytes("{\"capabilities\":{\"max_msg_f"), 0xC3, 0x28, .. Bytes("ds\":1}}\0")], [0], [0, 0, 0],
        ])
        {
            using VfioUserRaw client = _served.Connect();
            (int error, byte[] payload) = client.Ask(1, Bytes((ushort)0, (ushort)0, text));
            Assert.True(error == EINVAL || payload.Length <= 4 + text.Length, "an answer no longer than the question, or a refusal");
            client.Dispose();
            VfioUserServed.Until(() => !_served.Server.IsConnected, "the client goes");
        }
    }

    [Fact]
    public void Version_OfAnotherMajor_IsRefused()
    {
        using VfioUserRaw client = _served.Connect();

        Assert.Equal(EINVAL, client.Ask(1, Version(major: 1)).Error);
        Assert.Equal(EINVAL, client.Ask(1, [0, 0]).Error);
        Assert.Equal(0, client.Ask(1, Version(minor: 9)).Error);
    }

    [Fact]
    public void Commands_BeforeTheVersionAndTheVersionTwice_AreRefused()
    {
        using VfioUserRaw client = _served.Connect();

        Assert.Equal(EINVAL, client.Ask(4, Bytes(16, 0, 0, 0)).Error);
        client.Negotiate();
        Assert.Equal(EINVAL, client.Ask(1, Version()).Error);
        Assert.Equal(0, client.Ask(4, Bytes(16, 0, 0, 0)).Error);
        Assert.Equal(2, _served.Server.Statistics.Refused(VfioUserRefusal.NotNegotiated));
    }

    [Fact]
    public void DeviceInfo_Asked_SaysNineRegionsAndFiveInterrupts()
    {
        using VfioUserRaw client = _served.Negotiated();

        Assert.Equal(Bytes(16, 3, 9, 5), client.Ask(4, Bytes(16, 0, 0, 0)).Payload);
        Assert.Equal(Bytes(16, 3, 9, 5), client.Ask(4, Bytes(100, 0, 0, 0)).Payload);
        Assert.Equal(EINVAL, client.Ask(4, Bytes(15, 0, 0, 0)).Error);
        Assert.Equal(EINVAL, client.Ask(4, Bytes(16, 0, 0)).Error);
    }

    [Fact]
    public void RegionInfo_OfRegionsThatTrap_SaysTheSizeAtOnce()
    {
        using VfioUserRaw client = _served.Negotiated();

        Assert.Equal(Bytes(32, 3, 0, 0, 4096L, 0L), client.Ask(5, Bytes(32, 0, 0, 0, 0L, 0L)).Payload);
        Assert.Equal(Bytes(32, 3, 7, 0, 256L, 0L), client.Ask(5, Bytes(32, 0, 7, 0, 0L, 0L)).Payload);
        Assert.Equal(Bytes(32, 0, 1, 0, 0L, 0L), client.Ask(5, Bytes(32, 0, 1, 0, 0L, 0L)).Payload);
        Assert.Equal(Bytes(32, 0, 8, 0, 0L, 0L), client.Ask(5, Bytes(32, 0, 8, 0, 0L, 0L)).Payload);
        Assert.Empty(client.Descriptors);
        Assert.Equal(EINVAL, client.Ask(5, Bytes(32, 0, 9, 0, 0L, 0L)).Error);
        Assert.Equal(EINVAL, client.Ask(5, Bytes(31, 0, 0, 0, 0L, 0L)).Error);
        Assert.Equal(EINVAL, client.Ask(5, Bytes(32, 0, 0, 0)).Error);
    }

    [Fact]
    public void RegionInfo_OfMappableRegion_NamesAreasAndPassesTheMemoryWhenAskedAgain()
    {
        using VfioUserRaw client = _served.Negotiated();
        const long Size = VfioUserTestFunction.MemoryLength;

        byte[] first = client.Ask(5, Bytes(32, 0, 2, 0, 0L, 0L)).Payload;

        Assert.Equal(Bytes(80, 3 | 4, 2, 0, Size, 0L), first);
        Assert.Empty(client.Descriptors);

        byte[] second = client.Ask(5, Bytes(80, 0, 2, 0, 0L, 0L)).Payload;

        byte[] sparse = Bytes((ushort)1, (ushort)1, 0, 2, 0, 0L, 8192L, 16384L, Size - 16384 - 4096);
        Assert.Equal(Bytes(80, 3 | 4 | 8, 2, 32, Size, 0L, sparse), second);
        FileDescriptor descriptor = Assert.Single(client.Descriptors);
        using MappedMemory memory = MappedMemory.Adopt(descriptor.Duplicate());
        using SharedRegion region = memory.Map();
        region.Write32(4096, 0xCAFE);
        Assert.Equal(0xCAFEu, _served.Function.Window.Read32(4096));
    }

    [Fact]
    public void RegionInfo_ForClientWithoutRoomForDescriptors_OffersNoMapping()
    {
        using VfioUserRaw client = _served.Connect();
        client.Ask(1, Version("{\"capabilities\":{\"max_msg_fds\":0}}\0"));

        Assert.Equal(Bytes(32, 3, 2, 0, (long)VfioUserTestFunction.MemoryLength, 0L), client.Ask(5, Bytes(80, 0, 2, 0, 0L, 0L)).Payload);
    }

    [Fact]
    public void IrqInfo_Asked_CountsTheFunctionsVectors()
    {
        using VfioUserRaw client = _served.Negotiated();

        int[] counts = [1, 0, 4, 1, 1];
        for (int index = 0; index < 5; index++) Assert.Equal(Bytes(16, 1, index, counts[index]), client.Ask(7, Bytes(16, 0, index, 0)).Payload);
        Assert.Equal(EINVAL, client.Ask(7, Bytes(16, 0, 5, 0)).Error);
        Assert.Equal(EINVAL, client.Ask(7, Bytes(15, 0, 0, 0)).Error);
    }

    [Fact]
    public void RegionIoFds_Asked_AreNone()
    {
        using VfioUserRaw client = _served.Negotiated();

        Assert.Equal(Bytes(16, 0, 0, 0), client.Ask(6, Bytes(16, 0, 0, 8)).Payload);
        Assert.Equal(EINVAL, client.Ask(6, Bytes(16, 0, 9, 0)).Error);
        Assert.Equal(EINVAL, client.Ask(6, Bytes(16, 1, 0, 0)).Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(19)]
    [InlineData(65535)]
    public void Commands_ThatNobodyKnowsOrAClientMayNotSend_AreRefused(ushort command)
    {
        using VfioUserRaw client = _served.Negotiated();

        Assert.Equal(EINVAL, client.Ask(command, new byte[32]).Error);
        Assert.Equal(1, _served.Server.Statistics.Refused(VfioUserRefusal.UnknownCommand));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    public void Commands_ThatThisServerLacks_AreAnsweredAsNotSupported(ushort command)
    {
        using VfioUserRaw client = _served.Negotiated();

        Assert.Equal(95, client.Ask(command, new byte[16]).Error);
    }

    [Fact]
    public void EveryCommandWithoutPayload_ButReset_IsRefused()
    {
        using VfioUserRaw client = _served.Negotiated();

        for (ushort command = 2; command <= 18; command++) Assert.Equal(command == 13 ? 0 : EINVAL, client.Ask(command, []).Error);
        Assert.Equal(1, _served.Function.Resets);
    }

    [Fact]
    public void NoReplyFlag_OnGoodAndBadCommands_IsKept()
    {
        using VfioUserRaw client = _served.Negotiated();

        client.Send(Message(70, 10, RegionWrite(0, 4, 1, 2, 3, 4), flags: 0x10));
        client.Send(Message(71, 10, RegionWrite(0, 4096, 1), flags: 0x10));
        client.Send(Message(72, 99, [1], flags: 0x10));

        Assert.Equal(0x04030201u, client.Read32(0, 4));
        Assert.Equal(2, _served.Server.Statistics.AllRefused);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(2u)]
    [InlineData(15u)]
    public void Messages_ThatAreNoCommands_AreRefused(uint type)
    {
        using VfioUserRaw client = _served.Negotiated();

        client.Send(Message(5, 4, Bytes(16, 0, 0, 0), flags: type));

        Assert.Equal(EINVAL, client.Answer(5, 4).Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData((1 << 20) + 33)]
    [InlineData(-1)]
    public void Size_ThatCannotBe_IsAnsweredAndEndsTheConnection(int size)
    {
        using VfioUserRaw client = _served.Negotiated();

        client.Send(Message(9, 9, new byte[16], size: size));

        Assert.Equal(EINVAL, client.Answer(9, 9).Error);
        Assert.True(client.HangsUp());
        using VfioUserRaw next = _served.Negotiated();
        Assert.Equal(VfioUserTestFunction.Identity, next.Read32(0, 0));
    }

    public void Dispose() => _served.Dispose();
}
