// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>
/// The registers beside MMBI in the multi-function device of an AST2700, as far as its host driver (aspeed-host-bmc-dev) touches them: the I/O ports of a
/// Super I/O, each in the low byte of its own dword, and two message queues each way. Nobody is behind them: the two UARTs swallow what they are sent, the
/// Super I/O's own registers and its mailbox read 0, the queues towards the BMC are never full and those from it always empty.
/// </summary>
/// <remarks>Accesses run under the function's lock, of any width; no value throws.</remarks>
internal sealed class BmcRegisters : IRegionHandler
{
    /// <summary>The BAR with memory that host and BMC share.</summary>
    public const int MemoryBar = 0;

    private const int RegisterBar = 1;
    private const int RegisterBarLength = 256 << 10;
    private const int PortsLength = 0x1000;
    private const int PortShift = 2;
    private const int FirstUartPort = 0x3F8;
    private const int SecondUartPort = 0x2F8;
    private const int FirstUartMessage = 6;
    private const int SecondUartMessage = 5;
    private const int QueuesAt = 0x30000;
    private const int QueuesLength = 0x48;
    private const int StatusOfThoseToHost = 0x40;
    private const int StatusOfThoseToBmc = 0x44;
    private const uint BothEmpty = (1u << 26) | (1u << 24);

    private readonly SinkUart _first;
    private readonly SinkUart _second;

    /// <summary>The registers after power-up.</summary>
    /// <param name="hasOneMessage">True when everything interrupts with message 0.</param>
    /// <param name="raise">Sends a message.</param>
    public BmcRegisters(bool hasOneMessage, Action<int> raise)
    {
        _first = new SinkUart(() => raise(hasOneMessage ? 0 : FirstUartMessage));
        _second = new SinkUart(() => raise(hasOneMessage ? 0 : SecondUartMessage));
        Region = new PciFunctionRegion(RegisterBar, RegisterBarLength)
            .AddRegisters(0, PortsLength, this)
            .AddRegisters(QueuesAt, new RegisterFile(QueuesLength).Add(StatusOfThoseToHost, BothEmpty).Add(StatusOfThoseToBmc, BothEmpty));
    }

    /// <summary>The BAR.</summary>
    public PciFunctionRegion Region { get; }

    /// <inheritdoc/>
    public ulong Read(int offset, int size) => size == sizeof(ulong)
        ? ReadPort(offset) | ((ulong)ReadPort(offset + sizeof(uint)) << 32)
        : ReadPort(offset);

    /// <inheritdoc/>
    public void Write(int offset, int size, ulong value)
    {
        WritePort(offset, (byte)value);
        if (size == sizeof(ulong)) WritePort(offset + sizeof(uint), (byte)(value >> 32));
    }

    /// <summary>The function was reset.</summary>
    public void Reset()
    {
        _first.Reset();
        _second.Reset();
    }

    private byte ReadPort(int offset) => UartAt(offset) is { } uart ? uart.Read(RegisterOf(offset)) : (byte)0;

    private void WritePort(int offset, byte value) => UartAt(offset)?.Write(RegisterOf(offset), value);

    private static int RegisterOf(int offset) => (offset >> PortShift) % SinkUart.RegisterCount;

    private SinkUart? UartAt(int offset)
    {
        int port = offset >> PortShift;
        return (offset & ((1 << PortShift) - 1)) != 0 ? null
            : port is >= FirstUartPort and < FirstUartPort + SinkUart.RegisterCount ? _first
            : port is >= SecondUartPort and < SecondUartPort + SinkUart.RegisterCount ? _second
            : null;
    }
}
