// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// Our vfio-user client, doing all that a driver does, with a server that lies: wrong answers, questions of its own, odd descriptors, silence. The client refuses with the one exception that
/// it promises or works, touches nothing beside its mappings, always ends, and loses nothing.
/// </summary>
internal sealed class VfioUserClientTarget : IFuzzTarget
{
    private const int LimitMs = 25;
    private const int Bars = 6;

    private readonly Lazy<UnixListener> _listener = new(() => UnixListener.Bind(ScratchFolder.Fresh("c-")));
    private readonly Lazy<LyingServer> _server = new(() => new LyingServer());

    public string Name => "vfio-user-client";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] introduction = [.. Enumerable.Repeat((byte)LyingServer.Answer.Good, 16)];
        byte Of(LyingServer.Answer answer) => (byte)answer;
        yield return ("good", introduction);
        yield return ("poked", [0, 0, 0, 0, 0, Of(LyingServer.Answer.Poked), 1, 4, 0xFF, 0, 0, Of(LyingServer.Answer.Poked), 2, 8, 0x10, 12, 0xFF, 0, 0, Of(LyingServer.Answer.Poked), 1, 0, 9]);
        yield return ("asks", [.. introduction, Of(LyingServer.Answer.Reads), 0, 0, 4, 0, Of(LyingServer.Answer.Writes), 0x10, 0, 8, 0, Of(LyingServer.Answer.Flood), Of(LyingServer.Answer.Reads), 0xFF, 0x1F, 0xFF, 0]);
        yield return ("descriptors", [0, 0, 0, 0, 0, 0, Of(LyingServer.Answer.Descriptors), 1, Of(LyingServer.Answer.Descriptors), 2, Of(LyingServer.Answer.Descriptors), 4, Of(LyingServer.Answer.Descriptors), 3]);
        yield return ("sizes", [.. introduction, Of(LyingServer.Answer.Short), 3, Of(LyingServer.Answer.Long), 3, Of(LyingServer.Answer.Error), 19, Of(LyingServer.Answer.OtherId), Of(LyingServer.Answer.OtherCommand)]);
        yield return ("silent", [.. introduction, 0, Of(LyingServer.Answer.Raw), 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, Of(LyingServer.Answer.Silence)]);
        yield return ("hangs-up", [.. introduction, 0, 0, Of(LyingServer.Answer.Bell), Of(LyingServer.Answer.HangUp)]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] script = input.ToArray();
        Task serving = Task.Run(() => _server.Value.Serve(_listener.Value, script));
        try
        {
            using VfioUserClient client = VfioUserClient.Connect(_listener.Value.Path, LimitMs);
            Drive(client);
        }
        catch (PciDeviceException)
        {
            // What a driver is told.
        }

        serving.Wait();
        MappingWatch.Check();
        DescriptorWatch.Check(this);
    }

    // Each step may find the server gone, and a refused one keeps nobody from the next.
    private static void Drive(VfioUserClient client)
    {
        for (int bar = 0; bar < Bars; bar++)
        {
            int at = bar;
            Try(() => Use(client, client.GetBar(at)));
        }

        Try(() => client.SetBusMaster(true));
        Try(() =>
        {
            using DmaMemory memory = client.AllocateDma(8192);
            memory.Region.Write32(0, 1);
            client.ServeServer();
            int count = Math.Min(4, client.GetInterruptCount(PciInterruptKind.Msix));
            if (count == 0) return;
            foreach (PciInterrupt interrupt in client.EnableInterrupts(PciInterruptKind.Msix, count)) interrupt.Drain();
        });
        Try(client.DisableInterrupts);
        Try(client.Reset);
        client.ServeServer();
    }

    private static void Use(VfioUserClient client, PciBar bar)
    {
        if (bar.Length < sizeof(ulong)) return;
        foreach (RegionAccess access in (RegionAccess[])[RegionAccess.Ram, RegionAccess.Mmio])
        {
            int length = (int)Math.Min(bar.Length, 1 << 16);
            using SharedRegion region = client.MapBar(bar.Index, access, 0, length);
            region.Write32(0, 5);
            _ = region.Read32(0);
            region.Write8(length - 1, 5);
            _ = region.Read8(length - 1);
        }
    }

    private static void Try(Action step)
    {
        try
        {
            step();
        }
        catch (PciDeviceException)
        {
            // Refused.
        }
    }
}
