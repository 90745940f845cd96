// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Text.Json;
using Busbar.Linux;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar pci irq</c>: waits for interrupts and counts them.</summary>
internal sealed class PciIrqCommand : BusbarCommand
{
    private const int MostVectors = 2048;
    private const int Batch = 64;
    private const int LargestDma = 4096;

    // As often as links look whether the kernel wants their device back.
    private const int WatchMs = 250;

    private readonly LineWriter _lines = new();
    private readonly Argument<PciAddress> _address = PciOptions.Address();
    private readonly Option<string?> _kind = OptionKinds.Choice("--kind", "msix, msi or intx. By default the first of these that the function has.", "NAME", "msix", "msi", "intx");
    private readonly Option<int> _vectors = OptionKinds.Number("--vectors", "Vectors to enable; 0 for as many as there are.", "N", 0, 0, MostVectors);
    private readonly Option<int> _count = OptionKinds.Number("--count", "Stop after so many interrupts; 0 for never.", "N", 0, 0, int.MaxValue);
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "Give up after so long without an interrupt; 0 for never.", 0);
    private readonly Option<bool> _master = new("--bus-master") { Description = "Let the function send messages (MSI and MSI-X need that); on unless '--bus-master false'.", DefaultValueFactory = _ => true };
    private readonly Option<PciPoke[]> _write = Pokes("--write", "Write a 32-bit register once interrupts are enabled, to provoke one. Repeatable.");
    private readonly Option<PciPoke[]> _acknowledge = Pokes("--ack", "Write a 32-bit register after each interrupt, to acknowledge it. Repeatable.");
    private readonly Option<int> _dma = OptionKinds.Number(
        "--dma", "Bytes of memory that the function can reach: the first half counts up, the rest is zero; 'dma' and 'dma+N' as VALUE are its address.", "BYTES", 0, 0, LargestDma);

    private readonly Option<string?> _backend = PciOptions.Backend();
    private readonly Option<bool> _json = OptionKinds.Json("Print each event as one JSON line instead of text.");

    public PciIrqCommand()
        : base("irq", "Enable a function's interrupts and count what arrives, until SIGINT or SIGTERM, a count, or a time limit.")
    {
        Arguments.Add(_address);
        foreach (Option option in (Option[])[_kind, _vectors, _count, _timeout, _master, _write, _acknowledge, _dma, _backend, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar pci irq 00:04.0 --vectors 2 --count 10",
        "busbar pci irq 00:05.0 --dma 512 --write 0:0x80=dma --write 0:0x98=1 --count 1 --timeout 5",
        "busbar pci irq 00:05.0 --kind msi --write 0:0x60=1 --ack 0:0x64=1 --count 1 --timeout 5",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "Exit code 0: the count was reached, or a signal ended it. 3: nothing came in time, or the kernel took the function back (it was unplugged or unbound). 4: the platform reported an uncorrectable error.",
        "INTx is a level: without --ack it comes again and again.",
    ];

    private static Option<PciPoke[]> Pokes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "BAR:OFFSET=VALUE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            var pokes = new List<PciPoke>();
            foreach (Token token in result.Tokens)
            {
                if (PciPoke.TryParse(token.Value, out PciPoke? poke)) pokes.Add(poke);
                else result.AddError($"{name} {token.Value}: write BAR:OFFSET=VALUE, for instance 0:0x60=1");
            }

            return [.. pokes];
        },
    };

    private static string Word(PciInterruptKind kind) => kind.ToString().ToLowerInvariant();

    private static (PciInterruptKind Kind, int Offered) Choose(IPciDevice device, string? word)
    {
        PciInterruptKind[] wanted = word switch
        {
            "msix" => [PciInterruptKind.Msix],
            "msi" => [PciInterruptKind.Msi],
            "intx" => [PciInterruptKind.Intx],
            _ => [PciInterruptKind.Msix, PciInterruptKind.Msi, PciInterruptKind.Intx],
        };
        foreach (PciInterruptKind kind in wanted)
        {
            int offered = device.GetInterruptCount(kind);
            if (offered > 0) return (kind, offered);
        }

        throw new PciDeviceException(PciDeviceFault.Unsuitable, $"{device.Name} has no {word ?? "interrupts"} through {device.Backend}");
    }

    private static (PciWindow Window, uint Value)[] Map(IPciDevice device, PciPoke[]? pokes, DmaMemory? memory) =>
        [.. (pokes ?? []).Select(poke => (PciWindow.Map(device, poke.Bar, poke.Offset, 32, 1), Value(poke, memory)))];

    private static uint Value(PciPoke poke, DmaMemory? memory)
    {
        if (!poke.IsDma) return poke.Value;
        ulong address = memory?.BusAddress + poke.Value ?? throw new CommandException(ExitCode.Usage, "there is no DMA memory: say how much with --dma BYTES");
        return address <= uint.MaxValue ? (uint)address : throw new CommandException(ExitCode.MissingFacility, $"the DMA memory is at 0x{address:x}, beyond 32 bits");
    }

    private static DmaMemory? Allocate(IPciDevice device, int length)
    {
        if (length == 0) return null;
        DmaMemory memory = device.AllocateDma(length);
        for (int i = 0; i < length / 2; i++) memory.Region.Write8(i, (byte)i);
        return memory;
    }

    private static void Play((PciWindow Window, uint Value)[] pokes)
    {
        foreach ((PciWindow window, uint value) in pokes) window.Write(0, value);
    }

    private static string? Content(DmaMemory? memory, int length)
    {
        if (memory is null) return null;
        byte[] bytes = new byte[length];
        memory.Region.CopyTo(0, bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private int Run(ParseResult parsed)
    {
        using var stop = new StopSignal();
        bool json = parsed.GetValue(_json);
        using IPciDevice device = PciDevices.Open(parsed.GetValue(_address), PciOptions.ToBackend(parsed.GetValue(_backend)));
        int dmaBytes = parsed.GetValue(_dma);
        DmaMemory? memory = Allocate(device, dmaBytes);
        (PciWindow, uint)[] writes = Map(device, parsed.GetValue(_write), memory);
        (PciWindow, uint)[] acknowledgements = Map(device, parsed.GetValue(_acknowledge), memory);
        (PciInterruptKind kind, int offered) = Choose(device, parsed.GetValue(_kind));
        int wanted = parsed.GetValue(_vectors);
        IReadOnlyList<PciInterrupt> interrupts = device.EnableInterrupts(kind, wanted == 0 ? offered : wanted);
        if (parsed.GetValue(_master)) device.SetBusMaster(true);
        var started = new PciInterruptEvent
        {
            Event = "ready",
            Address = device.Name,
            Backend = device.Backend,
            Kind = Word(kind),
            Vectors = interrupts.Count,
            DmaAddress = memory is null ? null : $"0x{memory.BusAddress:x}",
            Notes = PciNotes.Of(device),
        };
        Print(started, json);
        Play(writes);
        End end = Count(device, interrupts, acknowledgements, parsed.GetValue(_count), parsed.GetValue(_timeout), json, stop.Token, out long total);
        Print(new PciInterruptEvent { Event = "stopped", Total = total, Dma = Content(memory, dmaBytes) }, json);
        return end switch
        {
            End.TimedOut => throw new CommandException(ExitCode.Unreachable, $"no interrupt of {device.Name} within {parsed.GetValue(_timeout).TotalSeconds} s"),
            End.GivenBack => throw new CommandException(
                ExitCode.Unreachable, $"the kernel takes {device.Name} back (it was unplugged or unbound): plug it in or bind it again, then start anew"),
            End.Failed => throw new CommandException(
                ExitCode.PeerError, $"the platform reported an uncorrectable error of {device.Name}, or of what is behind the same port: see the kernel log; opening it anew resets it"),
            _ => ExitCode.Success,
        };
    }

    private End Count(
        IPciDevice device,
        IReadOnlyList<PciInterrupt> interrupts,
        (PciWindow, uint)[] acknowledgements,
        int limit,
        TimeSpan patience,
        bool json,
        CancellationToken stop,
        out long total)
    {
        using var poller = new Poller(interrupts.Count);
        var byIndex = new Dictionary<int, PciInterrupt>();
        foreach (PciInterrupt interrupt in interrupts) byIndex[poller.Add(interrupt.Descriptor, PollEvents.Readable)] = interrupt;
        using CancellationTokenRegistration wake = stop.Register(poller.Wake);
        var ready = new PollReady[Batch];
        total = 0;
        long since = Stopwatch.GetTimestamp();
        long watchAt = 0;
        while (!stop.IsCancellationRequested && (limit == 0 || total < limit))
        {
            // Not every turn: interrupts may come faster than that.
            if (Environment.TickCount64 >= watchAt)
            {
                if (device.IsWantedBack) return End.GivenBack;
                if (device.HasFailed) return End.Failed;
                watchAt = Environment.TickCount64 + WatchMs;
            }

            TimeSpan left = patience - Stopwatch.GetElapsedTime(since);
            if (patience > TimeSpan.Zero && left <= TimeSpan.Zero) return End.TimedOut;
            int found = poller.Wait(patience > TimeSpan.Zero && left.TotalMilliseconds < WatchMs ? (int)left.TotalMilliseconds + 1 : WatchMs, ready);
            if (found > 0) since = Stopwatch.GetTimestamp();
            for (int i = 0; i < found; i++)
            {
                // First the cause, then the counter: draining lets the next one through.
                Play(acknowledgements);
                PciInterrupt interrupt = byIndex[ready[i].Index];
                long count = interrupt.Drain();
                if (count == 0) continue;
                total += count;
                Print(new PciInterruptEvent { Event = "interrupt", Vector = interrupt.Vector, Count = count, Total = total }, json);
            }
        }

        return End.Done;
    }

    private void Print(PciInterruptEvent line, bool json)
    {
        _lines.Write(json ? JsonSerializer.Serialize(line, BusbarJson.Default.PciInterruptEvent) : line.ToText());
        if (!json) PciNotes.Write(line.Notes);
    }

    /// <summary>Why counting ended.</summary>
    private enum End
    {
        Done,
        TimedOut,
        GivenBack,
        Failed,
    }
}
