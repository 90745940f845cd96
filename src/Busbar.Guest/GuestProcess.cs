// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text;

namespace Busbar.Guest;

/// <summary>
/// A command that runs in a guest. Its output is collected as it comes and can be read line by line; every wait has a limit. All members are
/// safe for several threads.
/// </summary>
/// <remarks>
/// The command is run by <c>/bin/sh -c</c> in a session of its own. What it leaves in the background and still prints a second after the command's
/// own end is lost; use one command for each program that stays.
/// </remarks>
public sealed class GuestProcess
{
    /// <summary>Bytes kept of each of the two output streams, 16 MiB; more is dropped and counted in <see cref="GuestResult.DroppedBytes"/>.</summary>
    public const int MostOutput = 16 << 20;

    private const int MostQuoted = 2000;

    private readonly AgentConnection _connection;
    private readonly object _gate = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ArrayBufferWriter<byte> _error = new();
    private int _lineStart;
    private int _inputCredit = AgentCommand.MostQueuedInput;
    private long _dropped;
    private int? _exitCode;
    private GuestException? _lost;

    internal GuestProcess(AgentConnection connection, uint channel, string command)
    {
        _connection = connection;
        Channel = channel;
        Command = command;
    }

    /// <summary>What runs.</summary>
    public string Command { get; }

    /// <summary>Whether the command has ended, or the agent that ran it is gone.</summary>
    public bool HasExited
    {
        get
        {
            lock (_gate) return IsOver;
        }
    }

    internal uint Channel { get; }

    private bool IsOver => _exitCode is not null || _lost is not null;

    /// <summary>Waits for the next line of output.</summary>
    /// <param name="limit">How long.</param>
    /// <returns>The line without its end, UTF-8 with U+FFFD for what is broken; null behind the last one.</returns>
    /// <exception cref="GuestException">No line in time, or the guest is gone.</exception>
    public string? ReadLine(TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        lock (_gate)
        {
            while (true)
            {
                ReadOnlySpan<byte> rest = _output.WrittenSpan[_lineStart..];
                int end = rest.IndexOf((byte)'\n');
                if (end >= 0 || (IsOver && rest.Length > 0))
                {
                    int length = end >= 0 ? end : rest.Length;
                    string line = Encoding.UTF8.GetString(rest[..length]).TrimEnd('\r');
                    _lineStart += end >= 0 ? length + 1 : length;
                    return line;
                }

                if (_lost is not null) throw Lost();
                if (_exitCode is not null) return null;
                WaitOrThrow(deadline, "printed no further line");
            }
        }
    }

    /// <summary>Reads lines until one holds a text.</summary>
    /// <param name="text">The text, compared byte for byte.</param>
    /// <param name="limit">How long in all.</param>
    /// <returns>The whole line.</returns>
    /// <exception cref="GuestException">It does not come: in time, before the command ends, or because the guest is gone.</exception>
    public string Expect(string text, TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        while (true)
        {
            string line = ReadLine(deadline.Left)
                ?? throw new GuestException(GuestError.Ended, $"'{Command}' ended with {_exitCode} and never printed '{text}'; {Quote()}");
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        }
    }

    /// <summary>Waits for the end of the command.</summary>
    /// <param name="limit">How long.</param>
    /// <returns>All that it printed, and its exit code.</returns>
    /// <exception cref="GuestException">It does not end in time (it runs on), the agent refused it, or the guest is gone.</exception>
    public GuestResult WaitForExit(TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        lock (_gate)
        {
            while (!IsOver) WaitOrThrow(deadline, "did not end");
            if (_lost is not null) throw Lost();
            return new GuestResult(Command, _exitCode!.Value, _output.WrittenSpan.ToArray(), _error.WrittenSpan.ToArray(), _dropped);
        }
    }

    /// <summary>Gives the command input, and waits while it reads none.</summary>
    /// <param name="bytes">What to give.</param>
    /// <param name="limit">How long to wait for the command. A guest that stands still altogether is given up after 20 s, whatever the limit.</param>
    /// <exception cref="GuestException">It takes nothing in time, or it has ended.</exception>
    public void Write(ReadOnlySpan<byte> bytes, TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, FrameDecoder.MostPayload);
            lock (_gate)
            {
                while (_inputCredit < count && !IsOver) WaitOrThrow(deadline, "took no input");
                if (_lost is not null) throw Lost();
                if (_exitCode is not null) throw new GuestException(GuestError.Ended, $"'{Command}' ended with {_exitCode} before it read its input; {Quote()}");
                _inputCredit -= count;
            }

            _connection.Send(FrameKind.Input, Channel, bytes[..count]);
            bytes = bytes[count..];
        }
    }

    /// <summary>Gives the command a line of input.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="limit">How long to wait.</param>
    /// <exception cref="GuestException">As <see cref="Write"/>.</exception>
    public void WriteLine(string line, TimeSpan limit) => Write(Encoding.UTF8.GetBytes(line + "\n"), limit);

    /// <summary>Ends the command's input.</summary>
    /// <exception cref="GuestException">The guest is gone.</exception>
    public void CloseInput() => _connection.Send(FrameKind.InputEnd, Channel, default);

    /// <summary>Sends a signal to the command and all that it started.</summary>
    /// <param name="signal">Number of the signal in the guest.</param>
    /// <exception cref="GuestException">The guest is gone.</exception>
    public void Kill(Linux.Signal signal = Linux.Signal.Kill) => _connection.Send(FrameKind.Kill, Channel, [(byte)signal]);

    /// <summary>What the command printed so far.</summary>
    /// <returns>Both streams, the errors last.</returns>
    public string OutputSoFar()
    {
        lock (_gate) return Text(_output) + Text(_error);
    }

    internal void GotOutput(FrameKind kind, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            ArrayBufferWriter<byte> stream = kind == FrameKind.Output ? _output : _error;
            int kept = Math.Min(bytes.Length, MostOutput - stream.WrittenCount);
            stream.Write(bytes[..kept]);
            _dropped += bytes.Length - kept;
            Monitor.PulseAll(_gate);
        }
    }

    internal void GotInputTaken(int count)
    {
        lock (_gate)
        {
            // The guest's word: more than what was sent cannot have been taken.
            if (count > 0) _inputCredit = (int)Math.Min(AgentCommand.MostQueuedInput, (long)_inputCredit + count);
            Monitor.PulseAll(_gate);
        }
    }

    internal void GotExit(int code)
    {
        lock (_gate)
        {
            _exitCode ??= code;
            Monitor.PulseAll(_gate);
        }
    }

    internal void Lose(GuestException reason)
    {
        lock (_gate)
        {
            if (_exitCode is null) _lost ??= reason;
            Monitor.PulseAll(_gate);
        }
    }

    private static string Text(ArrayBufferWriter<byte> stream) => Encoding.UTF8.GetString(stream.WrittenSpan);

    // A new object each time: an exception that is thrown on several threads would mix their stacks.
    private GuestException Lost() => new(_lost!.Error, $"'{Command}': {_lost.Message}", _lost);

    private void WaitOrThrow(Deadline deadline, string whatNot)
    {
        TimeSpan left = deadline.Left;
        if (left == TimeSpan.Zero) throw new GuestException(GuestError.TimedOut, $"'{Command}' {whatNot} in time; {Quote()}");
        Monitor.Wait(_gate, left);
    }

    private string Quote()
    {
        string text = OutputSoFar();
        return text.Length == 0 ? "it printed nothing" : $"it printed: {(text.Length <= MostQuoted ? text : "..." + text[^MostQuoted..])}";
    }
}
