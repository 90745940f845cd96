// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary><c>busbar completion</c>: prints a script that makes a shell complete busbar's words.</summary>
internal sealed class CompletionCommand : BusbarCommand
{
    // bash splits words at ':' and '=', which LINKs are full of: ask for the whole word, give back what bash still lacks.
    private const string Bash = """
        # busbar completion for bash
        _busbar() {
            local line=${COMP_LINE:0:COMP_POINT} word current=${COMP_WORDS[COMP_CWORD]} candidate
            word=${line##*[[:space:]]}
            case $current in : | = | ,) current= ;; esac
            local known=${word%"$current"}
            COMPREPLY=()
            while IFS= read -r candidate; do
                [[ $candidate == "$word"* ]] && COMPREPLY+=("${candidate#"$known"}")
            done < <("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
            case ${COMPREPLY[0]-} in *: | *= | *,) compopt -o nospace ;; esac
        }
        complete -F _busbar busbar ./busbar
        """;

    private const string Zsh = """
        #compdef busbar
        # busbar completion for zsh
        _busbar() {
            local -a candidates
            candidates=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            compadd -S '' -- $candidates
        }
        compdef _busbar busbar
        """;

    private const string Fish = """
        # busbar completion for fish
        function __busbar_complete
            set -l line (commandline -cp)
            set -l words (commandline -opc)
            $words[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c busbar -f -a '(__busbar_complete)'
        """;

    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or fish." };

    public CompletionCommand()
        : base("completion", "Print a script that completes busbar's commands, options and values in a shell.")
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Arguments.Add(_shell);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "source <(busbar completion bash)",
        "busbar completion fish > ~/.config/fish/completions/busbar.fish",
    ];

    private int Run(ParseResult parsed)
    {
        Console.Out.WriteLine(parsed.GetValue(_shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
        return ExitCode.Success;
    }
}
