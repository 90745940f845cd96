// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Busbar.Cli;

/// <summary>What the measuring commands have in common.</summary>
internal static class BenchOptions
{
    private const int MostRounds = 1000;

    public static Option<int> Rounds() => OptionKinds.Number("--rounds", "Interleaved rounds; figures are medians over them.", "N", 7, 1, MostRounds);

    public static Option<TimeSpan> Seconds(double standard) =>
        OptionKinds.Seconds("--seconds", $"Seconds of each single measurement of a round ({standard}).", standard, 0.001);

    public static Option<string?> Save() => new("--save") { Description = "Also write the JSON object to this file.", HelpName = "FILE" };

    /// <summary>Writes the report where the user wants it: a file, stdout as JSON, or stdout as text.</summary>
    public static void Publish<T>(T report, JsonTypeInfo<T> type, string? file, bool json, Action<T> text)
    {
        if (file is not null)
        {
            try
            {
                File.WriteAllText(file, JsonSerializer.Serialize(report, type) + "\n");
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(ExitCode.Usage, $"--save {file}: {failure.Message}", failure);
            }
        }

        if (json) BusbarJson.WriteLine(report, type);
        else text(report);
    }

    /// <summary>Says on stderr why there are no ratios.</summary>
    public static void ReportMissing(string? reason)
    {
        if (reason is not null) Console.Error.WriteLine($"busbar: no ratios: {reason}");
    }
}
