// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Completions;
using System.Diagnostics;
using System.Globalization;
using Busbar.ControlPlane;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The names that a daemon knows, for completion; nothing when it does not answer at once.</summary>
internal static class KnownNames
{
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(1);

    /// <summary>How long the daemon may take; the time that this process itself computes does not count, up to a second. Tests have more.</summary>
    internal static TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The names of its links.</summary>
    public static IEnumerable<CompletionItem> Links(CompletionContext context) => Items(context, LinkNames(context.ParseResult));

    /// <summary>The EIDs of its endpoints, the daemon's own left out.</summary>
    public static IEnumerable<CompletionItem> Eids(CompletionContext context) => Items(context, EidTexts(context.ParseResult));

    /// <summary>The names of the links of the daemon that the command line names.</summary>
    public static IReadOnlyList<string> LinkNames(ParseResult parsed) => Ask(parsed, daemon => daemon.LinkReports().Select(link => link.Name));

    /// <summary>The EIDs of its endpoints.</summary>
    public static IReadOnlyList<string> EidTexts(ParseResult parsed) => Ask(parsed, daemon => daemon.Endpoints()
        .Where(endpoint => !endpoint.IsLocal)
        .Select(endpoint => endpoint.Eid.ToString(CultureInfo.InvariantCulture))
        .Distinct(StringComparer.Ordinal));

    private static IEnumerable<CompletionItem> Items(CompletionContext context, IReadOnlyList<string> names) =>
        from name in names
        where name.StartsWith(context.WordToComplete, StringComparison.Ordinal)
        select new CompletionItem(name);

    private static string? SocketOf(ParseResult parsed)
    {
        string[] words = [.. parsed.Tokens.Select(token => token.Value)];
        int option = Array.FindIndex(words, word => word is "--socket" or "--daemon");
        return option >= 0 && option + 1 < words.Length && words[option + 1].Contains('/', StringComparison.Ordinal) ? words[option + 1] : null;
    }

    // The daemon is asked on another thread, because even its greeting may take longer than a person at a prompt wants to wait.
    private static string[] Ask(ParseResult parsed, Func<RemoteAdministration, IEnumerable<string>> question)
    {
        string? socket = SocketOf(parsed);
        if (!File.Exists(socket ?? DaemonSocketPath.ForClient())) return [];
        long start = Stopwatch.GetTimestamp();
        TimeSpan computed = Environment.CpuUsage.TotalTime;
        Task<string[]> answer = Task.Run(() =>
        {
            using var daemon = RemoteAdministration.Connect(socket, Patience + s_most);
            return question(daemon).ToArray();
        });
        try
        {
            while (!answer.Wait(s_slice))
            {
                TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
                TimeSpan own = Environment.CpuUsage.TotalTime - computed;
                if (elapsed - (own < s_most ? own : s_most) >= Patience) return [];
            }

            return answer.Result;
        }
        catch (AggregateException failure) when (failure.InnerException is MctpException or HostException or TimeoutException)
        {
            return [];
        }
    }
}
