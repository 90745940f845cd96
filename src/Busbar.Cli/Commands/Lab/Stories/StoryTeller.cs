// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Guest;

namespace Busbar.Cli;

/// <summary><c>busbar lab --vm</c>: picks the story, shows it, reports it.</summary>
internal static class StoryTeller
{
    /// <summary>Every story that can be told.</summary>
    public static IReadOnlyList<IStory> Stories { get; } = [new TwoGuestsStory(), new GuestAndProcessStory(), new VfioUserDeviceStory(), new KernelStory(), new InProcessStory()];

    /// <summary>Tells a story.</summary>
    /// <param name="number">Which.</param>
    /// <param name="json">True for nothing but the report on stdout.</param>
    /// <param name="logs">Folder for the guests' consoles; null to keep none.</param>
    /// <returns>The exit code.</returns>
    public static int Tell(int number, bool json, string? logs)
    {
        IStory story = Stories.FirstOrDefault(each => each.Number == number)
            ?? throw new CommandException(ExitCode.Usage, $"--story {number}: there are {string.Join(", ", Stories.Select(each => each.Number))}");
        using var stop = new StopSignal();
        long started = Stopwatch.GetTimestamp();
        Exception? failure = null;
        StoryReport report;
        try
        {
            if (story.NeedsGuests) GuestPreparation.Run(stop.Token);
            IStoryView view = ViewOf(story, json);
            using var stage = new StoryStage(view, logs, stop.Token);
            try
            {
                view.Run(() => story.Tell(stage));
            }
            catch (Exception caught)
            {
                failure = caught;
            }

            report = Report(story, stage, failure, Stopwatch.GetElapsedTime(started));
        }
        catch (OperationCanceledException)
        {
            throw new CommandException(ExitCode.Negative, "interrupted");
        }

        // Whoever stopped it knows why it failed, and it is no verdict.
        if (stop.Token.IsCancellationRequested) throw new CommandException(ExitCode.Negative, "interrupted", failure);
        if (json) BusbarJson.WriteLine(report, BusbarJson.Default.StoryReport);
        else Print(report);
        if (failure is null) return ExitCode.Success;

        // What a program of the story ended with is no exit code of ours: the story has a negative verdict, unless nothing could be started here.
        return failure is GuestException or CommandException && FailureReport.Explain(failure).Code == ExitCode.MissingFacility
            ? ExitCode.MissingFacility
            : ExitCode.Negative;
    }

    private static IStoryView ViewOf(IStory story, bool json) =>
        json ? new SilentStoryView() : Terminal.IsRich ? new LiveStoryView(story.Cast) : new PlainStoryView();

    private static StoryReport Report(IStory story, StoryStage stage, Exception? failure, TimeSpan elapsed) => new()
    {
        Ok = failure is null,
        Story = story.Number,
        Title = story.Title,
        Steps = stage.Steps,
        Links = stage.Links,
        Messages = stage.Messages,
        Measures = stage.Measures,
        ElapsedS = Math.Round(elapsed.TotalSeconds, 3),
        Failures = failure is null ? [] : [FailureReport.Explain(failure).Line],
    };

    private static void Print(StoryReport report)
    {
        Console.Out.WriteLine();
        foreach ((string name, double value) in report.Measures) Console.Out.WriteLine($"{name.Replace('_', ' ')}: {value}");
        foreach (string failure in report.Failures) Console.Out.WriteLine($"{Terminal.Bad("FAILED")}    {failure}");
        Console.Out.WriteLine(report.Ok
            ? $"{Terminal.Good("ok")}: story {report.Story}, {report.Title}: {report.Steps.Count} steps, {report.Messages} messages there and back, {report.ElapsedS:0.0} s"
            : $"{Terminal.Bad("NOT ok")}: story {report.Story}, {report.Title}: stopped in step {report.Steps.Count}, {report.ElapsedS:0.0} s");
    }
}
