// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Microsoft.Extensions.Logging;

namespace Busbar.Daemon;

/// <summary>What the daemon logs, with code made at build time.</summary>
internal static partial class DaemonLog
{
    /// <summary>Logs a note of the control plane at its severity.</summary>
    public static void Note(this ILogger logger, ControlNote note)
    {
        switch (note.Severity)
        {
            case NoteSeverity.Debug:
                Debug(logger, note.Text);
                break;
            case NoteSeverity.Information:
                Information(logger, note.Text);
                break;
            default:
                Warning(logger, note.Text);
                break;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "{Text}")]
    private static partial void Debug(ILogger logger, string text);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "{Text}")]
    private static partial void Information(ILogger logger, string text);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Text}")]
    private static partial void Warning(ILogger logger, string text);

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "ready: {Status}")]
    public static partial void Ready(this ILogger logger, string status);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "ending")]
    public static partial void Ending(this ILogger logger);

    [LoggerMessage(EventId = 12, Level = LogLevel.Information, Message = "configuration '{File}' read again: {Status}")]
    public static partial void Reloaded(this ILogger logger, string file, string status);

    [LoggerMessage(EventId = 13, Level = LogLevel.Error, Message = "the configuration stays as it was: {Reason}")]
    public static partial void NotReloaded(this ILogger logger, string reason);

    [LoggerMessage(EventId = 14, Level = LogLevel.Error, Message = "not all of the configuration could be applied: {Reason}")]
    public static partial void PartlyReloaded(this ILogger logger, string reason);
}
