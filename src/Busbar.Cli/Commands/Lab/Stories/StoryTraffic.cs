// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Busbar.Guest;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>Pings that go on in a guest over one or several links while the story does things to the other side.</summary>
internal sealed class StoryTraffic
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private readonly StoryProgram _ping;
    private readonly IReadOnlyList<string> _links;

    /// <summary>Starts pinging, and waits until every link has answered.</summary>
    /// <param name="stage">Where it happens.</param>
    /// <param name="guest">Where the pings run.</param>
    /// <param name="who">What the guest is called.</param>
    /// <param name="links">The links.</param>
    /// <param name="seconds">From one request to the next.</param>
    public StoryTraffic(StoryStage stage, GuestMachine guest, string who, IReadOnlyList<string> links, double seconds = 0.1)
    {
        _links = links;
        string interval = seconds.ToString(CultureInfo.InvariantCulture);
        _ping = stage.Start(guest, who, $"ping {string.Join(' ', links.Select(link => "--link " + link))} --count 0 --interval {interval} --timeout 20 --events");
        foreach (string link in links) Expect("reply", link, 0);
    }

    /// <summary>Causes something that takes one link down, and waits until it has been down, is up, and answers again.</summary>
    /// <param name="cause">Does it.</param>
    /// <param name="link">The link that must go down.</param>
    /// <returns>What is worth telling.</returns>
    public string Survive(Action cause, string link)
    {
        int ups = Count("link_up", link);
        (TimeSpan took, EventLine down) = Lose(cause, link);
        Expect("link_up", link, ups);
        int replies = Count("reply", link);
        Expect("reply", link, replies);
        return $"down after {took.TotalMilliseconds:0} ms{(down.Reason is null ? string.Empty : $" ({down.Reason.Replace('_', ' ')})")}, and up again";
    }

    /// <summary>Causes something that takes one link down.</summary>
    /// <param name="cause">Does it.</param>
    /// <param name="link">The link that must go down.</param>
    /// <returns>The time from before the cause until we heard of it, and the event.</returns>
    public (TimeSpan Took, EventLine Down) Lose(Action cause, string link)
    {
        int downs = Count("link_down", link);
        long start = Stopwatch.GetTimestamp();
        cause();
        EventLine down = Expect("link_down", link, downs);
        return (Stopwatch.GetElapsedTime(start), down);
    }

    /// <summary>Waits for an event of one link.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="link">The link.</param>
    /// <param name="after">How many there were that do not count.</param>
    public EventLine Expect(string name, string link, int after) => _ping.ExpectCount(name, LinkOf(link), after + 1, s_limit);

    /// <summary>How many events of a name one link had.</summary>
    public int Count(string name, string link) => _ping.Count(name, LinkOf(link));

    /// <summary>Ends the pings in order.</summary>
    /// <returns>What is worth telling.</returns>
    /// <exception cref="CommandException">They did not end in time, or not in order.</exception>
    public string Stop()
    {
        _ping.Signal(Signal.Terminate);
        int code = _ping.WaitForExit(s_limit);
        if (code != ExitCode.Success) throw new CommandException(ExitCode.Negative, $"'{_ping.Name}' ended with {code}");
        return Summary();
    }

    /// <summary>
    /// Asks the pings to end and waits for their summary only: when a device is gone, the kernel tries for a minute to reset it before it lets the process go.
    /// </summary>
    public string StopWithoutWaiting()
    {
        _ping.Signal(Signal.Terminate);
        return Summary();
    }

    private string Summary()
    {
        EventLine[] summaries = [.. _links.Select(link => Expect("summary", link, 0))];
        return $"{summaries.Sum(summary => summary.Ok ?? 0)} of {summaries.Sum(summary => summary.Count ?? 0)} pings answered";
    }

    // One link alone is not named in its events.
    private string? LinkOf(string link) => _links.Count == 1 ? null : link;
}
