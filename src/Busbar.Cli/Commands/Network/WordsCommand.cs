// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary>A subcommand that takes the words of mctp(1): <c>add 10 dev mctp0</c> rather than options.</summary>
internal sealed class WordsCommand : BusbarCommand
{
    private readonly IReadOnlyList<string> _examples;

    /// <summary>Makes the subcommand.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="grammar">Its words, for the help; empty when it takes none.</param>
    /// <param name="examples">Whole command lines.</param>
    /// <param name="run">Does it; a word that nobody understands is a <see cref="MctpFailure"/>.</param>
    public WordsCommand(string name, string description, string grammar, IReadOnlyList<string> examples, Func<ParseResult, MctpWords, int> run)
        : base(name, description)
    {
        _examples = examples;
        var words = new Argument<string[]>("WORDS") { Description = grammar, HelpName = "WORDS", Arity = ArgumentArity.ZeroOrMore };
        words.CompletionSources.Add(WordsCompletion.Complete);
        Arguments.Add(words);
        SetAction(parsed => Guard(() => run(parsed, new MctpWords(parsed.GetValue(words) ?? []))));
    }

    public override IReadOnlyList<string> Examples => _examples;

    private static int Guard(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (MctpFailure wrong)
        {
            throw new CommandException(ExitCode.Usage, wrong.Message, wrong);
        }
    }
}
