// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// Our driver and node on a <see cref="HostileDevice"/>: opening refuses with the two exceptions that it promises or works, each turn takes a bounded number
/// of accesses, nothing reaches outside a window, disposing works at any moment, and no descriptor is lost.
/// </summary>
internal sealed class HostileDeviceTarget : IFuzzTarget
{
    private const int MostSteps = 120;

    // Several times what the largest window's rings cost a turn, word by word.
    private const int MostAccesses = 1 << 18;
    private const int MostPackets = 4096;
    private const int OwnEid = 9;
    private const int PeerEid = 8;

    // A mailbox in BAR 0, a prefetchable window in BAR 2, the vector table in BAR 4.
    private static readonly byte[] s_busbar = [0, 1, 0x0F, 0, 3, 0x48, 0, 0, 8, 0x0E, 0, 0, 3, 8, 0, 0];
    private static readonly byte[] s_ivshmem = [1, 1, 0, 0, 3, 8, 3, 8, 8, 0x0E, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] s_windows = [0, 0, 0x0C, 0, 7, 8, 7, 8, 7, 0x0C, 8, 8, 0, 0, 0, 0];

    private enum Step
    {
        Word,
        Bytes,
        Turns,
        Raise,
        Gone,
        Vanish,
        Override,
        Peer,
        Send,
        Refuse,
        Event,
        Wait,
        Config,
        Field,
        Open,
        Reset,
    }

    public string Name => "hostile-device";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] up = [Of(Step.Peer), 2, 3, Of(Step.Open), Of(Step.Turns), 7, 20, Of(Step.Peer), 2, 7, Of(Step.Turns), 7, 20, Of(Step.Peer), 2, 0x47, Of(Step.Turns), 7, 5];
        byte[] after =
        [
            Of(Step.Raise), 0, 200, Of(Step.Send), 40, Of(Step.Event), 0, 7, Of(Step.Wait), Of(Step.Vanish), 3, 0, 9, 0, Of(Step.Turns), 7, 255, Of(Step.Gone), 1, Of(Step.Turns), 3,
            255, Of(Step.Gone), 0, Of(Step.Turns), 7, 255, Of(Step.Peer), 2, 7, Of(Step.Turns), 7, 20,
        ];
        byte[] stormy = [Of(Step.Override), 0, 0x45, 7, 0, 0, 0, Of(Step.Override), 0, 0x48, 0xFF, 0, 0, 0, Of(Step.Raise), 0, 255, Of(Step.Turns), 3, 255];
        byte[] lying = [Of(Step.Field), 2, 3, 0xFC, 0xFF, 0, 0, Of(Step.Turns), 3, 100, Of(Step.Word), 2, 0, 0x10, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, Of(Step.Turns), 3, 250];
        foreach ((string name, byte[] device) in ((string, byte[])[])[("busbar", s_busbar), ("ivshmem", s_ivshmem), ("windows", s_windows)])
        {
            byte[] start = [.. device, 0, 0, 0];
            yield return ($"{name}-up", [.. start, .. up, .. after]);
            yield return ($"{name}-lying", [.. start, .. up, .. lying, .. after]);
            yield return ($"{name}-storm", [.. start, .. stormy, .. up, .. stormy]);
            yield return ($"{name}-polled", [.. device, 0x10, 0, 0, .. up, .. after]);
        }

        yield return ("ivshmem-owner", [.. s_ivshmem, 8, 0, 0, .. up, .. lying, .. after]);
        yield return ("windows-second", [.. s_windows, 0, 1, 0, Of(Step.Bytes), 0, 0, 0, 6, .. "#MMBI$"u8, Of(Step.Peer), 1, 3, .. up, .. after]);
        yield return ("lengths", [0, 1, 0x0F, 0, 4, 8, 15, 8, 13, 8, 12, 0x0C, 14, 8, 9, 0x0C, 0, 0, 0, .. up]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        var device = new HostileDevice(ref reader);
        using (var session = new Session(device, ref reader))
        {
            for (int step = 0; !reader.IsEmpty && step < MostSteps; step++) session.Take((Step)(reader.Byte() & 15), ref reader);
            session.Open();
            session.Turn(3, 100);
        }

        FuzzViolationException.Require(device.AreCanariesAlive(), "nothing is written behind a window");
        device.Scrap();
        DescriptorWatch.Check(this);
    }

    private static byte Of(Step step) => (byte)step;

    /// <summary>One opening and what follows, by a clock of its own.</summary>
    private sealed class Session : IDisposable
    {
        private readonly HostileDevice _device;
        private readonly WindowOptions _options;
        private readonly int? _bar;
        private readonly MctpNode _node = new(new MctpNodeOptions { RunAgent = false });
        private readonly List<FileDescriptor> _descriptors = [];
        private readonly byte[] _payload = new byte[256];
        private PciAttachment? _attachment;
        private SharedRegion? _behind;
        private MmbiChannel? _peer;
        private bool _hasTried;
        private long _now = MctpNode.Now;

        public Session(HostileDevice device, ref InputReader reader)
        {
            _device = device;
            byte how = reader.Byte();
            byte instance = reader.Byte();
            byte bar = reader.Byte();
            _bar = bar == 0 ? null : (bar - 1) % HostileDevice.BarCount;
            _options = new WindowOptions
            {
                Text = "fuzz",
                Role = (how & 8) != 0 ? MmbiRole.Owner : MmbiRole.Discoverer,
                Dialect = (how & 3) == 0 ? null : MmbiDialect.All[(how & 3) - 1],
                Instance = instance & 7,
                Wait = (how & 0x10) != 0 ? WaitStrategy.Poll : WaitStrategy.Block,
                NeverResets = (how & 0x20) != 0,
            };

            // Whoever claimed a role there, and a device without an id, are waited for; that they are is another target's matter.
            if (device.IsIvshmem) Open();
        }

        public void Open()
        {
            if (_hasTried) return;
            _hasTried = true;
            Begin();
            try
            {
                _attachment = PciAttachment.Open(_device, _options, ownsDevice: true, _bar);
            }
            catch (Exception refusal) when (refusal is MctpException or PciDeviceException)
            {
                return;
            }

            _node.AddLink(_attachment);
            _attachment.CollectDescriptors(_descriptors);
            _node.Use((stack, _) =>
            {
                stack.AddAddress(_attachment.Link, new Eid(OwnEid));
                stack.AddRoute(MctpRoute.Direct(new Eid(PeerEid), new Eid(PeerEid), _attachment.Link));
                stack.SetService(MessageType.VendorPci, new VendorTypeService(new EchoService()));
            });
        }

        public void Take(Step step, ref InputReader reader)
        {
            switch (step)
            {
                case Step.Word:
                    Span<byte> word = stackalloc byte[4];
                    int bar = Bar(ref reader), at = reader.UInt16() & ~3;
                    reader.UInt16();
                    BinaryPrimitives.WriteUInt32LittleEndian(word, reader.UInt32());
                    _device.Scribble(bar, at, word);
                    break;
                case Step.Bytes:
                    bar = Bar(ref reader);
                    at = reader.UInt16();
                    _device.Scribble(bar, at, reader.Take(reader.Byte() & 63));
                    break;
                case Step.Turns:
                    Turn(1 + (reader.Byte() & 15), reader.Byte());
                    break;
                case Step.Raise:
                    byte vector = reader.Byte();
                    for (int times = reader.Byte(); times > 0; times--) _device.Raise(vector);
                    break;
                case Step.Gone:
                    _device.IsGone = (reader.Byte() & 1) != 0;
                    break;
                case Step.Vanish:
                    _device.Vanish(reader.UInt16(), reader.UInt16());
                    break;
                case Step.Override:
                    bar = reader.Byte();
                    at = reader.Byte() * 4;
                    uint value = reader.UInt32();
                    if (bar == 0xFF) _device.ForgetOverrides();
                    else _device.Override(bar % HostileDevice.BarCount, at, value);
                    break;
                case Step.Peer:
                    bar = Bar(ref reader);
                    ServePeer(bar, reader.Byte());
                    break;
                case Step.Send:
                    Send(reader.Byte());
                    break;
                case Step.Refuse:
                    _device.RefusesConfig = (reader.Byte() & 1) != 0;
                    break;
                case Step.Event:
                    _device.Mailbox.Set(MailboxSide.Owner, reader.Byte() % _device.Mailbox.Pairs, reader.Byte());
                    break;
                case Step.Wait:
                    Begin();
                    if (_attachment is not null) _node.WaitFor(static () => true, TimeSpan.Zero);
                    break;
                case Step.Config:
                    _device.Configure(reader.Byte() & 0xFC, reader.UInt32(), 4);
                    break;
                case Step.Field:
                    word = stackalloc byte[4];
                    bar = Bar(ref reader);
                    at = (reader.Byte() & 31) * 4;
                    BinaryPrimitives.WriteUInt32LittleEndian(word, reader.UInt32());
                    _device.Scribble(bar, at, word);
                    break;
                case Step.Open:
                    Open();
                    break;
                default:
                    if (_attachment is not null) _node.Use((_, _) => _attachment.MmbiLink.PeerVanished(_now));
                    break;
            }
        }

        // What a node does with a link when its descriptors are ready and its time has come; by our clock, so that deadlines pass.
        public void Turn(int turns, int milliseconds)
        {
            if (_attachment is null) return;
            for (; turns > 0; turns--)
            {
                Begin();
                _now += milliseconds;
                _node.Use((stack, _) =>
                {
                    _attachment.Service(_now);
                    foreach (FileDescriptor descriptor in _descriptors) _attachment.OnReady(descriptor, _now);
                    stack.Poll(_now, 64);
                    _attachment.Link.PrepareSleep();
                    _attachment.Link.CancelSleep();
                });
                FuzzViolationException.Require(_attachment.Description.Length > 0, "the link can be described");
            }
        }

        public void Dispose()
        {
            Begin();
            _node.Dispose();
            _attachment?.Dispose();
            _behind?.Dispose();
        }

        private static int Bar(ref InputReader reader) => reader.Byte() % HostileDevice.BarCount;

        private void Begin() => (_device.Accesses, _device.AccessLimit) = (0, MostAccesses);

        private void Send(int length)
        {
            if (_attachment is null) return;
            Begin();
            _node.Use((_, _) =>
            {
                MctpLink link = _attachment.Link;
                if (link.Room(1, length + MctpHeader.Size) != SendRoom.Now) return;
                link.Write(default, Header(PeerEid, OwnEid), _payload.AsSpan(0, length), default);
                link.Flush();
            });
        }

        // A processor behind the function that does as it should, until somebody scribbles over it.
        private void ServePeer(int bar, byte how)
        {
            Begin();
            if (_peer is null && (_behind = _device.ViewFromBehind(bar)) is null) return;
            _peer ??= CreatePeer(_behind!);
            for (int turns = 1 + (how & 15); turns > 0; turns--)
            {
                _now++;
                _peer?.Poll(_now);
                for (int packets = 0; _peer is { IsUp: true } peer && packets < MostPackets && peer.TryReceive(out _); packets++) peer.Advance();
                if ((how & 0x40) != 0 && _peer?.Room(1, 64) == SendRoom.Now)
                {
                    ReadOnlySpan<byte> echo = [MessageType.VendorPci.Raw, 0xCC, 0xDE, 0xF0, how, 1, 2, 3];
                    _peer.TryWrite(Header(OwnEid, PeerEid), echo, default);
                    _peer.Flush();
                }
            }
        }

        private MmbiChannel? CreatePeer(SharedRegion window)
        {
            bool isOwner = _options.Role == MmbiRole.Discoverer;
            try
            {
                int usable = window.Length;
                if (_device.IsIvshmem && _device.GetInterruptCount(PciInterruptKind.Msix) > 0)
                {
                    var page = new RendezvousPage(window);
                    usable = page.UsableLength;
                    page.TryFormat(1, static _ => false);
                    page.TryClaim(isOwner ? RendezvousRole.Owner : RendezvousRole.Discoverer, _options.Instance, 1, 0, static _ => false);
                }

                return new MmbiChannel(window, new MmbiChannelOptions
                {
                    Role = isOwner ? MmbiRole.Owner : MmbiRole.Discoverer,
                    Dialect = _options.Dialect ?? MmbiDialect.V11,
                    UsableLength = usable,
                    Interrupts = isOwner ? new MmbiInterrupts(MmbiHostInterrupt.Pcie, 0, 0, MmbiOwnerInterrupt.InBand, 0, 0) : null,
                });
            }
            catch (ArgumentException)
            {
                // Too small for rings: nobody is behind this window.
                window.Dispose();
                return null;
            }
        }

        private static MctpHeader Header(int to, int from) =>
            new(new Eid((byte)to), new Eid((byte)from), som: true, eom: true, sequence: 0, owner: true, tag: 0);
    }
}
