// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// Enumeration, probe and a few turns of the driver over the in-process bus, on a function that lies in every register. What does not fit is refused with one of the
/// two exceptions that are promised, in a bounded number of accesses, and nothing is lost.
/// </summary>
internal sealed class HostileFunctionTarget : IFuzzTarget
{
    // A table of 2048 vectors has four words each.
    private const long MostAccesses = 1 << 17;

    public string Name => "hostile-function";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] config = new byte[256];
        Put(config, 0, 0x34, 0x12, 1, 0, 0, 0, 0x10, 0, 1, 0, 0x0C, 0x0C);
        Put(config, 0x18, 0x0C);
        Put(config, 0x34, 0x40);
        Put(config, 0x40, 0x11, 0x4C, 0x02, 0, 0, 0x08);
        Put(config, 0x4C, 0x05, 0, 0x86);
        byte[] writable = new byte[64];
        Put(writable, 4, 7, 4);
        Put(writable, 0x10, 0, 0xF0, 0xFF, 0xFF);
        Put(writable, 0x18, 0, 0, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF);
        byte[] mailbox = [.. "BMX1"u8, 0, 1, 0, 0, 3, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
        yield return ("busbar", [0, 0, 1, 8, 3, 0, .. config, .. writable, .. mailbox]);
        yield return ("unsteady", [0, 7, 1, 8, 3, 0, .. config, .. writable, .. mailbox]);
        yield return ("writable", [3, 0, 1, 8, 0xFF, 0x0F, .. config, .. writable, .. "#MMBI$"u8, 1, 1]);
        byte[] ivshmem = [.. config];
        Put(ivshmem, 0, 0xF4, 0x1A, 0x10, 0x11);
        yield return ("ivshmem", [0, 0, 1, 8, 1, 0, .. ivshmem, .. writable, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0]);
        byte[] loops = [.. config];
        Put(loops, 0x4D, 0x40);
        Put(loops, 0x44, 7, 0xFF, 0xFF, 0xFF);
        yield return ("loops", [0, 0, 0, 8, 0xFF, 0x0F, .. loops, .. writable]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        var function = new HostileFunction(ref reader);
        function.Begin(MostAccesses);
        using (var device = new InProcessDevice(function))
        {
            for (int bar = 0; bar < PciConfigRegisters.BarCount; bar++)
            {
                PciBar window = device.GetBar(bar);
                FuzzViolationException.Require(window.Length >= 0 && (window.Length == 0 || window.IsIo || window.Length >= 16), "a window has a possible length");
            }

            function.Begin(MostAccesses);
            TryDrive(device, function);
            function.Begin(MostAccesses);
            _ = device.TryRestore();
            Refusable(() => _ = device.EnableInterrupts(PciInterruptKind.Msi, 4));
            function.Storm();
            Refusable(device.Reset);
            function.Begin(MostAccesses);
        }

        DescriptorWatch.Check(this);
    }

    private static void TryDrive(InProcessDevice device, HostileFunction function)
    {
        PciAttachment? attachment = null;
        try
        {
            attachment = PciAttachment.Open(device, new WindowOptions { Text = "fuzz", Role = MmbiRole.Discoverer, Wait = WaitStrategy.Block });
        }
        catch (MctpException)
        {
            return;
        }

        using var node = new MctpNode(new MctpNodeOptions { RunAgent = false });
        node.AddLink(attachment);
        var descriptors = new List<FileDescriptor>();
        attachment.CollectDescriptors(descriptors);
        long now = MctpNode.Now;
        for (int turn = 0; turn < 4; turn++)
        {
            function.Begin(MostAccesses);
            function.Storm();
            now += 100;
            node.Use((stack, _) =>
            {
                attachment.Service(now);
                foreach (FileDescriptor descriptor in descriptors) attachment.OnReady(descriptor, now);
                stack.Poll(now, 16);
            });
        }

        function.Begin(MostAccesses);
    }

    private static void Refusable(Action action)
    {
        try
        {
            action();
        }
        catch (PciDeviceException)
        {
            // That is the promise.
        }
    }

    private static void Put(byte[] image, int offset, params ReadOnlySpan<byte> bytes) => bytes.CopyTo(image.AsSpan(offset));
}
