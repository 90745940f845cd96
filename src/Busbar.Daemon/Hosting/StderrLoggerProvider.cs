// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Busbar.Daemon;

/// <summary>Logs to stderr, one line a message: with the program's name for people, with the priority that the journal reads when it reads.</summary>
internal sealed class StderrLoggerProvider : ILoggerProvider, ILogger
{
    private readonly string _program;
    private readonly bool _isJournal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };
    private readonly Lock _lock = new();

    public StderrLoggerProvider(string program, LogLevel least)
    {
        _program = program;
        Least = least;
    }

    /// <summary>The least level that is logged; may change at any time.</summary>
    public LogLevel Least { get; set; }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= Least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;

        // Peers have a say in some texts; a line stays a line.
        string text = new([.. formatter(state, exception).Select(character => char.IsControl(character) ? ' ' : character)]);
        if (exception is not null) text += $" ({exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")})";
        lock (_lock) Console.Error.WriteLine(_isJournal ? $"<{Priority(logLevel)}>{text}" : $"{_program}: {Word(logLevel)}{text}");
    }

    public void Dispose()
    {
        // Nothing is kept open.
    }

    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => 7,
        LogLevel.Information => 6,
        LogLevel.Warning => 4,
        LogLevel.Error => 3,
        _ => 2,
    };

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Warning => "warning: ",
        LogLevel.Error or LogLevel.Critical => "error: ",
        _ => "",
    };
}
