// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar mmbi show</c>: decodes a window, live or dumped, without taking part in it.</summary>
internal sealed class MmbiShowCommand : BusbarCommand
{
    private readonly Argument<LinkSpec> _link = LinkOption.CreateArgument();
    private readonly Option<bool> _json = OptionKinds.Json();

    public MmbiShowCommand()
        : base("show", "Decode the descriptor, both status structures and the rings of a window. Read-only; works on a live window and on a dump.")
    {
        Arguments.Add(_link);
        Options.Add(_json);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar mmbi show mmbi:ivshmem:/run/lab.sock",
        "busbar mmbi show mmbi:shm:/dev/shm/x --json",
        "busbar mmbi show mmbi:file:window.bin,dialect=v1.0-aspeed",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "A file may hold a whole window or only its beginning; window size and rings are judged by what is there.",
        "Exit code 0: the descriptor is acceptable. 1: it is missing or rejected; the faults say why.",
    ];

    private int Run(ParseResult parsed)
    {
        LinkSpec link = parsed.GetValue(_link)!;
        if (link is not MmbiLinkSpec spec) throw new CommandException(ExitCode.Usage, $"link '{link.Text}': only MMBI windows can be shown; write mmbi:WINDOW");
        using WindowObserver window = WindowObserver.Open(spec);
        var report = WindowReport.From(spec, window, MmbiWindowReport.Read(window.Region, spec.Dialect));
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.WindowReport);
        else WindowReportText.Write(report);
        return report.Ok ? ExitCode.Success : ExitCode.Negative;
    }
}
