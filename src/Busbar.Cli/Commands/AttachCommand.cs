// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar attach</c>: gives the kernel's MCTP a network interface whose packets travel over a link of ours.</summary>
internal sealed class AttachCommand : BusbarCommand
{
    private const byte DefaultLocalEid = 8;
    private const string Tun = "tun";
    private const string Serial = "serial";

    private readonly Option<LinkSpec> _link = LinkOption.Create();
    private readonly Option<string> _kernel = new("--kernel") { Description = "Name of the network interface to make, for instance mctpmmbi0.", HelpName = "NAME", Required = true };
    private readonly Option<string?> _via = OptionKinds.Choice(
        "--via",
        "How the kernel gets the interface: tun (/dev/net/tun; the default), or serial (line discipline 28 on a pseudo terminal, packets of 68 bytes; where TUN is missing).",
        "tun|serial",
        Tun,
        Serial);

    private readonly Option<Eid?> _local = OptionKinds.Eid("--local-eid", "The kernel's EID on the interface (8).");
    private readonly Option<bool> _noLocal = new("--no-local-eid") { Description = "Give the kernel no EID; something else will." };
    private readonly Option<EidRange[]> _routes = new("--route")
    {
        Description = "EIDs that the interface leads to: 9, or 9-12; may be given several times, ranges before single EIDs.",
        HelpName = "EID[-EID]",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = ParseRoutes,
    };

    private readonly Option<Eid?> _assign = OptionKinds.Eid("--assign", "First give the endpoint at the other end this EID (Set Endpoint ID), and add a route to it.");
    private readonly Option<bool> _learn = new("--learn") { Description = "First ask the endpoint at the other end for its EID (Get Endpoint ID), and add a route to it." };
    private readonly Option<int> _mtu = OptionKinds.Number("--mtu", "Largest packet of the interface, header included; 0 for what the link takes.", "BYTES", 0, 0, TunDevice.LargestMtu);
    private readonly Option<int> _network = OptionKinds.Number("--network", "MCTP network of the interface; 0 for the kernel's default.", "N", 0, 0, int.MaxValue);
    private readonly Option<int> _queue = OptionKinds.Number(
        "--queue", "Packets that the interface's transmit queue holds.", "N", KernelInterfaceOptions.DefaultQueueLength, 1, 1_000_000);
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long to wait for the window, and with --assign or --learn for the link and for the answer.", 5, 0.001);
    private readonly Option<bool> _json = OptionKinds.Json("Print each event as one JSON line instead of text.");

    public AttachCommand()
        : base("attach", "Give the kernel's AF_MCTP a network interface whose packets travel over a link. Runs until SIGINT or SIGTERM, then removes it.")
    {
        foreach (Option option in (Option[])[_link, _kernel, _via, _local, _noLocal, _routes, _assign, _learn, _mtu, _network, _queue, _timeout, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar attach --link mmbi:ivshmem:/run/lab.sock --kernel mctpmmbi0 --assign 9",
        "busbar attach --link mmbi:shm:/dev/shm/x --kernel mctpmmbi0 --local-eid 8 --route 16-31 --route 9 --network 2 --json",
        "busbar attach --link mmbi:ivshmem:/run/lab.sock --kernel mctpmmbi0 --assign 9 --via serial",
        "busbar ping --kernel --eid 9 --size 65535",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "Needs a kernel with CONFIG_MCTP and CONFIG_TUN (or CONFIG_MCTP_SERIAL), and CAP_NET_ADMIN (root). The role is 'discoverer' unless the LINK says otherwise.",
        "The interface has a carrier while the link is up; one made by --via serial is up while the link is. All that was configured goes with the interface.",
        "With --via serial packets above 68 bytes from the other end are dropped and counted as packet_too_large; Busbar's endpoints answer in packets as large as they were asked.",
    ];

    private static EidRange[]? ParseRoutes(ArgumentResult result)
    {
        var found = new List<EidRange>();
        foreach (Token token in result.Tokens)
        {
            if (EidRange.TryParse(token.Value, out EidRange range)) found.Add(range);
            else result.AddError($"--route {token.Value}: write an EID from 8 to 254, or a range like 9-12");
        }

        return [.. found];
    }

    private int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(_kernel)!;
        int mtu = parsed.GetValue(_mtu);
        int network = parsed.GetValue(_network);
        TimeSpan patience = parsed.GetValue(_timeout);
        Eid local = parsed.GetValue(_noLocal) ? Eid.Null : parsed.GetValue(_local) ?? new Eid(DefaultLocalEid);
        List<EidRange> routes = [.. parsed.GetValue(_routes) ?? []];
        EnsureConsistent(parsed, local, routes);
        KernelInterface.EnsurePossible(name);
        using var stop = new StopSignal();
        LinkSpec spec = parsed.GetValue(_link)!;
        LinkAttachment attachment = LinkOpener.Open(spec, MmbiRole.Discoverer, patience: patience);
        var writer = new EventWriter(parsed.GetValue(_json));
        var watcher = new LinkWatcher(attachment);

        // What the kernel refuses, it refuses before anybody at the other end is asked or told anything.
        using KernelInterface kernel = OrDispose(attachment, () => KernelInterface.Create(new KernelInterfaceOptions
        {
            Name = name,
            Kind = parsed.GetValue(_via) == Serial ? KernelInterfaceKind.Serial : KernelInterfaceKind.Tun,
            LocalEid = local,
            Routes = [.. routes],
            Mtu = mtu == 0 ? null : mtu,
            Network = network == 0 ? null : (uint)network,
            QueueLength = parsed.GetValue(_queue),
        }));
        using MctpNode node = OrDispose(attachment, () => StartNode(attachment));
        Eid? found = FindPeer(parsed, node, attachment, local, patience, spec, stop.Token);
        if (stop.Token.IsCancellationRequested) return ExitCode.Success;
        if (found is { } peer && !routes.Contains(new EidRange(peer, peer)))
        {
            routes.Add(new EidRange(peer, peer));
            kernel.AddRoute(routes[^1]);
        }

        bool vanished = false;
        kernel.Attachment.Gone = () =>
        {
            vanished = true;
            ThreadPool.QueueUserWorkItem(_ => stop.Request());
        };
        node.AddLink(kernel.Attachment);
        node.Use((stack, now) => stack.Join(attachment.Link, kernel.Attachment.Link, now));
        writer.Write(new EventLine
        {
            Event = "ready",
            Pid = Environment.ProcessId,
            Link = spec.Text,
            Interface = kernel.Name,
            Via = parsed.GetValue(_via) ?? Tun,
            Index = kernel.Index,
            Eid = local.Value,
            Network = network == 0 ? null : network,
            Mtu = kernel.Mtu,
            Routes = [.. routes.Select(range => range.ToString())],
        });
        watcher.Watch(node);
        bool isWarned = kernel.Attachment.LargestMtu == TunDevice.LargestMtu;
        watcher.Run(writer, stop.Token, line => Follow(kernel, line, writer), line =>
        {
            if (isWarned || line.Event != "link_up" || line.Mtu <= kernel.Attachment.LargestMtu) return;
            isWarned = true;
            writer.Write(new EventLine
            {
                Event = "warning",
                Message = $"the interface takes packets of up to {kernel.Attachment.LargestMtu} bytes; longer ones from the other end are dropped and counted as packet_too_large",
            });
        });
        CounterReport counters = CounterReport.Collect(node, attachment, attachment as MmbiAttachment, echo: null);

        // The peer sees the end at once; the kernel may take some seconds for the interface when programs still hold tags toward it.
        node.RemoveLink(attachment);
        node.RemoveLink(kernel.Attachment);
        watcher.Drain(writer);
        writer.Write(new EventLine { Event = "stopped", Interface = kernel.Name, Counters = counters });
        return vanished
            ? throw new CommandException(ExitCode.Unreachable, $"the network interface '{name}' was removed by somebody else")
            : ExitCode.Success;
    }

    private void EnsureConsistent(ParseResult parsed, Eid local, List<EidRange> routes)
    {
        int mtu = parsed.GetValue(_mtu);
        Eid? assign = parsed.GetValue(_assign);
        if (mtu is not 0 and < MctpLink.MinimumMtu) throw new CommandException(ExitCode.Usage, $"--mtu {mtu}: MCTP needs at least {MctpLink.MinimumMtu}");
        if (assign is not null && parsed.GetValue(_learn)) throw new CommandException(ExitCode.Usage, "--assign and --learn exclude each other; give one of them");
        if (parsed.GetValue(_noLocal) && parsed.GetValue(_local) is not null)
            throw new CommandException(ExitCode.Usage, "--local-eid and --no-local-eid exclude each other; give one of them");
        if (assign == local) throw new CommandException(ExitCode.Usage, $"--assign {assign}: that is the kernel's own EID on the interface; choose another, or another --local-eid");
        if (routes.Contains(new EidRange(local, local)))
            throw new CommandException(ExitCode.Usage, $"--route {local}: that is the kernel's own EID on the interface; choose another --local-eid");
        if (routes.GroupBy(range => range).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new CommandException(ExitCode.Usage, $"--route {twice.Key} is there twice; once is enough");
    }

    private static MctpNode StartNode(LinkAttachment attachment)
    {
        var node = new MctpNode();
        try
        {
            node.AddLink(attachment);
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    // Until the node has the link, nobody else would close it.
    private static T OrDispose<T>(LinkAttachment attachment, Func<T> make)
    {
        try
        {
            return make();
        }
        catch
        {
            attachment.Dispose();
            throw;
        }
    }

    // Asks as a node of our own, before the kernel takes the link over.
    private Eid? FindPeer(ParseResult parsed, MctpNode node, LinkAttachment attachment, Eid local, TimeSpan patience, LinkSpec spec, CancellationToken stop)
    {
        Eid? assign = parsed.GetValue(_assign);
        if (assign is null && !parsed.GetValue(_learn)) return null;
        if (!node.WaitFor(() => attachment.Link.IsUp || stop.IsCancellationRequested, patience))
            throw new CommandException(ExitCode.Unreachable, $"link '{spec.Text}' did not come up within {patience.TotalSeconds:0.###} s; is the other side running?");
        if (stop.IsCancellationRequested) return null;
        node.Use((stack, _) => stack.SetAddress(attachment.Link, local));
        using var survey = new EndpointSurvey(node);
        Eid found = AskFor(patience, () => assign is { } eid ? survey.Assign(attachment.Link.Index, eid) : survey.GetEid(ControlClient.AtLink(attachment.Link.Index)), stop);
        node.Use((stack, _) => stack.SetAddress(attachment.Link, Eid.Null));
        if (stop.IsCancellationRequested) return null;
        return found != Eid.Null
            ? found
            : throw new CommandException(ExitCode.PeerError, "the endpoint at the other end has no EID yet; give it one with --assign EID");
    }

    // An endpoint on a busy machine may need longer than the tries of one request.
    private static Eid AskFor(TimeSpan patience, Func<Eid> ask, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return ask();
            }
            catch (MctpException failure) when (failure.Error == MctpError.TimedOut && (stop.IsCancellationRequested || Stopwatch.GetElapsedTime(start) < patience))
            {
                if (stop.IsCancellationRequested) return Eid.Null;
            }
        }
    }

    private static void Follow(KernelInterface kernel, EventLine line, EventWriter writer)
    {
        try
        {
            if (line.Event == "link_up") kernel.LinkIsUp(line.Mtu ?? MctpLink.MinimumMtu);
            else if (line.Event == "link_down") kernel.LinkIsDown();
        }
        catch (MctpException failure)
        {
            writer.Write(new EventLine { Event = "error", Message = failure.Message });
        }
    }
}
