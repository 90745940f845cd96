// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.ControlPlane;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The names that a daemon knows, for completion; nothing when it does not answer at once.</summary>
internal static class KnownNames
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    /// <summary>The names of its links.</summary>
    public static IReadOnlyList<string> Links() => Ask(daemon => daemon.LinkReports().Select(link => link.Name));

    /// <summary>The EIDs of its endpoints, the daemon's own left out.</summary>
    public static IReadOnlyList<string> Eids() => Ask(daemon => daemon.Endpoints()
        .Where(endpoint => !endpoint.IsLocal)
        .Select(endpoint => endpoint.Eid.ToString(CultureInfo.InvariantCulture))
        .Distinct(StringComparer.Ordinal));

    // The daemon is asked on another thread, because even its greeting may take longer than a person at a prompt wants to wait.
    private static string[] Ask(Func<RemoteAdministration, IEnumerable<string>> question)
    {
        try
        {
            Task<string[]> answer = Task.Run(() =>
            {
                using var daemon = RemoteAdministration.Connect(timeout: s_patience);
                return question(daemon).ToArray();
            });
            return answer.Wait(s_patience) ? answer.Result : [];
        }
        catch (AggregateException failure) when (failure.InnerException is MctpException or HostException or TimeoutException)
        {
            return [];
        }
    }
}
