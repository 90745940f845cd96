// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Parsing;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The <c>--link</c> option that every command with a link has.</summary>
internal static class LinkOption
{
    public static Option<LinkSpec> Create(string description = "The link: " + LinkSpecParser.Grammar)
    {
        var option = new Option<LinkSpec>("--link") { Description = description, Required = true, HelpName = "LINK", CustomParser = Parse };
        option.CompletionSources.Add(LinkCompletion.Complete);
        return option;
    }

    /// <summary>An option that may be given several times, once per link.</summary>
    /// <param name="description">What it is for.</param>
    /// <param name="required">False when the command can do without.</param>
    public static Option<LinkSpec[]> CreateMany(string description, bool required)
    {
        var option = new Option<LinkSpec[]>("--link")
        {
            Description = description,
            Required = required,
            HelpName = "LINK",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = ParseMany,
        };
        option.CompletionSources.Add(LinkCompletion.Complete);
        return option;
    }

    public static Argument<LinkSpec> CreateArgument()
    {
        var argument = new Argument<LinkSpec>("LINK") { Description = "The link: " + LinkSpecParser.Grammar, HelpName = "LINK", CustomParser = Parse };
        argument.CompletionSources.Add(LinkCompletion.Complete);
        return argument;
    }

    private static LinkSpec? Parse(ArgumentResult result)
    {
        if (LinkSpecParser.TryParse(result.Tokens[0].Value, out LinkSpec? spec, out string? error)) return spec;
        result.AddError(error);
        return null;
    }

    private static LinkSpec[] ParseMany(ArgumentResult result)
    {
        var links = new List<LinkSpec>();
        foreach (Token token in result.Tokens)
        {
            if (LinkSpecParser.TryParse(token.Value, out LinkSpec? spec, out string? error)) links.Add(spec);
            else result.AddError(error);
        }

        return [.. links];
    }
}
