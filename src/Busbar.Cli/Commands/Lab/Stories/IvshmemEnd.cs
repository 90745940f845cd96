// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>
/// The endpoint's side of a story over ivshmem: in a guest, or as a process on this machine. It can be killed the hard way, and comes back.
/// </summary>
internal sealed class IvshmemEnd
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private readonly StoryStage _stage;
    private readonly string _who;
    private readonly string _socket;
    private GuestMachine? _guest;
    private StoryProgram? _program;

    private IvshmemEnd(StoryStage stage, string who, string socket, GuestMachine? guest) => (_stage, _who, _socket, _guest) = (stage, who, socket, guest);

    private StoryProgram Program => _program!;

    private string What => _guest is null ? $"process {_who}" : $"guest {_who}";

    /// <summary>The end in a guest that has booted.</summary>
    public static IvshmemEnd InGuest(StoryStage stage, string who, string socket, GuestMachine guest) => new(stage, who, socket, guest);

    /// <summary>The end as a process.</summary>
    public static IvshmemEnd AsProcess(StoryStage stage, string who, string socket) => new(stage, who, socket, guest: null);

    /// <summary>Starts the endpoint.</summary>
    public void Start()
    {
        if (_guest is not null) _stage.Step($"bind the device in {_who}", () => PciInGuest.Bind(_stage, _guest, _who, IvshmemGuest.Address));
        _stage.Step($"start the endpoint in {What}", () =>
        {
            _program = _guest is null
                ? _stage.Start(_who, "endpoint", "--link", $"mmbi:ivshmem:{_socket},role=owner", "--stdin", "--parent", $"{Environment.ProcessId}")
                : _stage.Start(_guest, _who, $"endpoint --link mmbi:pci:{IvshmemGuest.Address},role=owner --stdin");
            Program.Expect("ready", s_limit);
            return null;
        });
    }

    /// <summary>Asks the endpoint to reset the link.</summary>
    public void Reset()
    {
        Program.Command("reset");
        Program.Expect("reset", s_limit);
    }

    /// <summary>Kills the endpoint with all it stands on, while traffic runs, and brings it back.</summary>
    public void KillAndReturn(StoryTraffic traffic, string link)
    {
        int ups = traffic.Count("link_up", link);
        _stage.Step($"kill {What}", () =>
        {
            (TimeSpan took, EventLine down) = traffic.Lose(Kill, link);
            _stage.Measure("killed_peer_noticed", took);
            return $"noticed after {took.TotalSeconds:0.0} s{(down.Reason is null ? string.Empty : $" ({down.Reason.Replace('_', ' ')})")}";
        });
        if (_guest is not null)
        {
            _stage.Step($"boot {What} again", () =>
            {
                _guest = _stage.Boot((_who, IvshmemGuest.Options(_socket)))[0];
                return null;
            });
        }

        Start();
        _stage.Step("messages flow again", () =>
        {
            traffic.Expect("link_up", link, ups);
            traffic.Expect("reply", link, traffic.Count("reply", link));
            return null;
        });
    }

    /// <summary>Ends the endpoint in order.</summary>
    /// <exception cref="CommandException">It does not end, or not in order.</exception>
    public void Quit()
    {
        Program.Command("quit");
        int code = Program.WaitForExit(s_limit);
        if (code != ExitCode.Success) throw new CommandException(ExitCode.Negative, $"the endpoint in {What} ended with {code}");
    }

    private void Kill()
    {
        if (_guest is null) Program.Signal(Signal.Kill);
        else _guest.Kill();
    }
}
