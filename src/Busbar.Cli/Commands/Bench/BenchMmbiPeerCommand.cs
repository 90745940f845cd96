// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Bench;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary><c>busbar bench mmbi-peer</c>: the second process of <c>bench mmbi</c>; started by it, not by people.</summary>
internal sealed class BenchMmbiPeerCommand : BusbarCommand
{
    private const int MostProcessors = 4096;

    private readonly Option<int> _cpu = OptionKinds.Number("--cpu", "Processor to run on.", "N", 0, 0, MostProcessors);
    private readonly Option<int> _parent = ParentOption.Create();
    private readonly Option<string[]> _links = new("--link") { Description = "NAME=LINK, the owner's side; may be repeated.", HelpName = "NAME=LINK", Required = true };

    public BenchMmbiPeerCommand()
        : base("mmbi-peer", "The answering process of 'bench mmbi'.")
    {
        Hidden = true;
        Options.Add(_cpu);
        Options.Add(_parent);
        Options.Add(_links);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar bench mmbi-peer --cpu 1 --link spin=mmbi:ivshmem:/tmp/s.sock,role=owner,wait=spin"];

    private int Run(ParseResult parsed)
    {
        // Serving spins and reads no input, so the end of the input alone would not be noticed.
        if (!ParentOption.TryFollow(parsed, _parent, Signal.Kill)) return ExitCode.Unreachable;
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string text in parsed.GetValue(_links)!)
        {
            string[] pair = text.Split('=', 2);
            if (pair.Length != 2) throw new CommandException(ExitCode.Usage, $"--link {text}: write NAME=LINK");
            links[pair[0]] = pair[1];
        }

        MmbiBenchPeer.Run(links, parsed.GetValue(_cpu), Console.In, Console.Out);
        return ExitCode.Success;
    }
}
