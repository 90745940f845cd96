// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Completions;

namespace Busbar.Cli;

/// <summary>Completes the words of mctp(1): by what stands before the cursor, with the names of links and the EIDs that the daemon knows.</summary>
internal static class WordsCompletion
{
    /// <summary>The words that may stand where the cursor is.</summary>
    public static IEnumerable<CompletionItem> Complete(CompletionContext context)
    {
        string[] words = [.. context.ParseResult.Tokens.Select(token => token.Value)];
        if (words.Length > 0 && context.WordToComplete.Length > 0 && words[^1] == context.WordToComplete) words = words[..^1];
        return from candidate in After(context.ParseResult, words)
               where candidate.StartsWith(context.WordToComplete, StringComparison.Ordinal)
               select new CompletionItem(candidate);
    }

    private static IEnumerable<string> After(ParseResult parsed, string[] words)
    {
        string last = words.Length > 0 ? words[^1] : string.Empty;
        if (last is "dev" or "via") return KnownNames.LinkNames(parsed);
        if (last is "gw") return KnownNames.EidTexts(parsed);
        if (last is "mtu" or "net" or "network" or "lladdr") return [];
        string command = words.FirstOrDefault(word => word is "link" or "address" or "addr" or "route" or "neigh" or "neighbour") ?? string.Empty;
        return (command, last) switch
        {
            ("link", "show" or "list" or "ls" or "set") or ("address" or "addr", "show" or "list" or "ls") => KnownNames.LinkNames(parsed),
            ("link", _) when words.Contains("set") => ["up", "down", "mtu", "network"],
            ("neigh" or "neighbour", "show" or "list" or "ls") => ["dev"],
            ("route", "show" or "list" or "ls") => ["net"],
            (_, "add" or "del" or "delete") => KnownNames.EidTexts(parsed),
            ("route", _) => ["via", "gw", "net", "mtu"],
            ("neigh" or "neighbour", _) => ["dev", "lladdr"],
            _ => ["dev"],
        };
    }
}
