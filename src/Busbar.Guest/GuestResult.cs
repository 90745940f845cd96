// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Guest;

/// <summary>How a command in a guest ended.</summary>
/// <param name="Command">What was run.</param>
/// <param name="ExitCode">Its exit code; 128 plus the signal's number when a signal ended it.</param>
/// <param name="OutputBytes">What it printed.</param>
/// <param name="ErrorBytes">What it printed as errors.</param>
/// <param name="DroppedBytes">Output beyond <see cref="GuestProcess.MostOutput"/> per stream, which nobody kept.</param>
public sealed record GuestResult(string Command, int ExitCode, ReadOnlyMemory<byte> OutputBytes, ReadOnlyMemory<byte> ErrorBytes, long DroppedBytes)
{
    private const int MostQuoted = 2000;

    /// <summary><see cref="OutputBytes"/> as UTF-8; broken sequences become U+FFFD.</summary>
    public string Output => Encoding.UTF8.GetString(OutputBytes.Span);

    /// <summary><see cref="ErrorBytes"/> as UTF-8; broken sequences become U+FFFD.</summary>
    public string Error => Encoding.UTF8.GetString(ErrorBytes.Span);

    /// <summary>Passes a success on.</summary>
    /// <returns>This.</returns>
    /// <exception cref="GuestException">The exit code is not 0, or output was dropped; the message quotes what the command said last.</exception>
    public GuestResult Check()
    {
        if (DroppedBytes > 0) throw new GuestException(GuestError.CommandFailed, $"'{Command}' printed {DroppedBytes} bytes more than the harness keeps");
        if (ExitCode == 0) return this;
        throw new GuestException(GuestError.CommandFailed, $"'{Command}' ended with {ExitCode}: {Tail(Error)}{Tail(Output)}");
    }

    /// <inheritdoc/>
    public override string ToString() => $"'{Command}' ended with {ExitCode}; output: {Tail(Output)}; errors: {Tail(Error)}";

    private static string Tail(string text) => text.Length <= MostQuoted ? text : "..." + text[^MostQuoted..];
}
