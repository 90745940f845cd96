// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// A guest that accesses an emulated function anywhere, with any width, while the device raises interrupts. Besides not throwing: what is fixed in configuration
/// space stays, and after a reset the function is as new.
/// </summary>
internal sealed class FunctionTarget : IFuzzTarget
{
    private const int Vectors = 70;

    private static readonly int[] s_sizes = [1, 2, 4, 8, 3, 16, 33, 0];

    private enum Kind
    {
        ReadConfig,
        WriteConfig,
        ReadBar,
        WriteBar,
        Device,
        Reset,
    }

    public string Name => "function";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        IEnumerable<byte> Size(int register) => [Op(Kind.WriteConfig, 2), (byte)register, 0, 0xFF, 0xFF, 0xFF, 0xFF, Op(Kind.ReadConfig, 2), (byte)register, 0];
        yield return ("sizing", [.. Enumerable.Range(0, 6).SelectMany(bar => Size(0x10 + (4 * bar)))]);
        yield return (
            "interrupts",
            [
                Op(Kind.WriteConfig, 1), 4, 0, 6, 0, Op(Kind.WriteConfig, 1), 0x4A, 0, 0, 0x80, Op(Kind.Device, 0), 3, Op(Kind.WriteBar, 2), 4, 0x3C, 0, 0, 0, 0, 0, 0,
                Op(Kind.Device, 0), 3, Op(Kind.ReadBar, 3), 4, 0, 8, 0, 0, Op(Kind.Device, 0), 0xFF,
            ]);
        yield return ("registers", [Op(Kind.WriteBar, 3), 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, Op(Kind.ReadBar, 6), 0, 3, 0, 0, 0, Op(Kind.WriteBar, 0), 2, 0, 0x10, 0, 0, 0xC6]);
        yield return ("reset", [Op(Kind.WriteConfig, 1), 0x5C, 0, 0, 0x80, Op(Kind.WriteConfig, 5), 0x00, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, Op(Kind.Reset, 0)]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        using PciFunction function = Create(out RegisterFile registers);
        var host = new CountingHost();
        function.Plug(host);
        byte[] fresh = new byte[function.ConfigLength], data = new byte[64];
        function.ReadConfig(0, fresh);
        var reader = new InputReader(input);
        while (!reader.IsEmpty)
        {
            byte op = reader.Byte();
            Span<byte> part = data.AsSpan(0, s_sizes[op >> 5]);
            switch ((Kind)(op & 7))
            {
                case Kind.ReadConfig:
                    function.ReadConfig((short)reader.UInt16(), part);
                    break;
                case Kind.WriteConfig:
                    int place = (short)reader.UInt16();
                    function.WriteConfig(place, reader.Take(part.Length));
                    break;
                case Kind.ReadBar:
                    function.ReadBar((sbyte)reader.Byte(), Offset(reader.UInt32()), part);
                    break;
                case Kind.WriteBar:
                    int bar = (sbyte)reader.Byte();
                    long offset = Offset(reader.UInt32());
                    function.WriteBar(bar, offset, reader.Take(part.Length));
                    break;
                case Kind.Device:
                    byte vector = reader.Byte();
                    if (vector >= 0x80) function.SetIntx((vector & 1) != 0);
                    else _ = function.RaiseInterrupt(vector);
                    lock (function.Lock) registers[8] |= vector;
                    break;
                default:
                    function.Reset();
                    break;
            }
        }

        PciFunctionStatistics seen = function.Statistics;
        FuzzViolationException.Require(host.Messages <= seen.InterruptsSent, "nothing is sent that is not counted");
        function.Reset();
        byte[] after = new byte[fresh.Length];
        function.ReadConfig(0, after);
        FuzzViolationException.Require(after.AsSpan().SequenceEqual(fresh), "a reset gives configuration space its first content");
        FuzzViolationException.Require(!host.IsAsserted, "a reset lowers the pin");
        FuzzViolationException.Require(registers[4] == 0xF0 && registers[0] == 0x12345678, "a reset gives registers their first content");
    }

    // Small numbers are offsets; the upper half is about the end of what a long can hold, and negative.
    private static long Offset(uint raw) => (raw & 0x8000_0000) == 0 ? raw & 0x3FFFF : long.MinValue + (raw & 0x7FFF_FFFF);

    private static byte Op(Kind kind, int size) => (byte)((int)kind | (size << 5));

    private static PciFunction Create(out RegisterFile registers)
    {
        RegisterFile file = registers = new RegisterFile(0x40)
            .Add(0, reset: 0x12345678)
            .Add(4, reset: 0xF0, writable: 0xFFFF)
            .Add(8, writeOneToClear: 0xFF)
            .Add(12, onRead: _ => 0);
        var function = new PciFunction(new PciFunctionOptions
        {
            Name = "fuzz",
            VendorId = 0x1234,
            DeviceId = 1,
            InterruptPin = 1,
            Regions =
            [
                new PciFunctionRegion(0, 0x1000).AddRegisters(0, file).AddRegisters(0x800, 8, file),
                new PciFunctionRegion(2, 0x4000, is64Bit: true).AddMemory(0, 0x1000).AddMemory(0x1000, 0x1000, isMappable: false, (_, _) => { }),
                new PciFunctionRegion(4, 0x1000),
            ],
            Capabilities =
            [
                PciFunctionCapability.PowerManagement(),
                PciFunctionCapability.Msix(Vectors, 4, 0, 0x800),
                PciFunctionCapability.Express(),
                PciFunctionCapability.Msi(32, hasMasks: true),
                PciFunctionCapability.SerialNumber(1),
            ],
        });
        return function;
    }

    private sealed class CountingHost : IPciFunctionHost
    {
        public bool MasksMsix => false;

        public bool IsAsserted { get; private set; }

        public long Messages { get; private set; }

        public bool Interrupt(PciInterruptKind kind, int vector, bool level)
        {
            int count = kind switch { PciInterruptKind.Msix => Vectors, PciInterruptKind.Msi => 32, _ => 1 };
            FuzzViolationException.Require(vector >= 0 && vector < count, "a vector exists");
            if (kind == PciInterruptKind.Intx) IsAsserted = level;
            else Messages++;
            return true;
        }

        public bool TryReadDma(ulong address, Span<byte> data) => false;

        public bool TryWriteDma(ulong address, ReadOnlySpan<byte> data) => false;
    }
}
