// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;

namespace Busbar.Guest;

/// <summary>
/// The side of the harness that lives in the guest: runs commands with a shell, several at a time, and carries their input and output over
/// one byte stream.
/// </summary>
/// <remarks>
/// Bytes on the stream that make no sense are skipped; a request that cannot be met is refused with a reason. At most <see cref="MostCommands"/>
/// run at a time.
/// </remarks>
public sealed class GuestAgent
{
    /// <summary>Commands at a time.</summary>
    public const int MostCommands = 64;

    private static readonly TimeSpan s_reconnectPause = TimeSpan.FromMilliseconds(50);

    private readonly FrameStream _frames;
    private readonly ConcurrentDictionary<uint, AgentCommand> _commands = new();

    private GuestAgent(FrameStream frames) => _frames = frames;

    /// <summary>Serves a virtio-serial port and does not return: while nobody is at its other end, it waits for somebody.</summary>
    /// <param name="path">The port's device file, for instance <c>/dev/vport0p1</c>.</param>
    /// <exception cref="IOException">The port cannot be opened, or it went away.</exception>
    public static void ServePort(string path)
    {
        // A port can be open once only, so reader and writers share this one; without a buffer, each of their calls is one of the system's.
        using var port = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var agent = new GuestAgent(new FrameStream(port));
        using var pause = new ManualResetEventSlim();
        while (true)
        {
            agent.ServeUntilEnd();

            // End of stream means that the host's end is closed at the moment.
            pause.Wait(s_reconnectPause);
        }
    }

    /// <summary>Serves a stream until its end; then ends what still runs.</summary>
    /// <param name="stream">Both directions; stays the caller's.</param>
    public static void Serve(Stream stream)
    {
        var agent = new GuestAgent(new FrameStream(stream));
        agent.ServeUntilEnd();
        foreach (AgentCommand command in agent._commands.Values) command.Kill(9);
    }

    private void ServeUntilEnd()
    {
        try
        {
            SayHello();
            while (_frames.ReadSome(Handle))
            {
            }
        }
        catch (IOException)
        {
            // The host's end went away in the middle of a frame; the same as an end of the stream.
        }
    }

    private void SayHello()
    {
        Span<byte> id = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(id, Environment.ProcessId);
        _frames.Write(FrameKind.Hello, 0, id);
    }

    private void Handle(FrameKind kind, uint channel, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case FrameKind.Ping:
                SayHello();
                return;
            case FrameKind.Start:
                Start(channel, Encoding.UTF8.GetString(payload));
                return;
        }

        // A command that ended a moment ago is no error: its Exit frame and this one crossed.
        if (!_commands.TryGetValue(channel, out AgentCommand? command)) return;
        switch (kind)
        {
            case FrameKind.Input when !command.TryGiveInput(payload.ToArray()):
                Refuse(channel, $"more than {AgentCommand.MostQueuedInput} bytes of input were sent ahead");
                command.Kill(9);
                break;
            case FrameKind.InputEnd:
                command.EndInput();
                break;
            case FrameKind.Kill when payload.Length == 1:
                command.Kill(payload[0]);
                break;
        }
    }

    private void Start(uint channel, string text)
    {
        if (_commands.Count >= MostCommands)
        {
            Refuse(channel, $"{MostCommands} commands run already");
            return;
        }

        if (_commands.ContainsKey(channel))
        {
            Refuse(channel, "the channel is in use");
            return;
        }

        try
        {
            var command = AgentCommand.Start(text, channel, _frames, ended => _commands.TryRemove(ended, out _));
            _commands[channel] = command;
            command.Go();
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or IOException or InvalidOperationException)
        {
            Refuse(channel, failure.Message);
        }
    }

    private void Refuse(uint channel, string reason) => _frames.Write(FrameKind.Refused, channel, Encoding.UTF8.GetBytes(reason));
}
