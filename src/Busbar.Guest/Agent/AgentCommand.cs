// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace Busbar.Guest;

/// <summary>One command that the agent runs. It leads a session of its own, so that a signal reaches all it started.</summary>
internal sealed class AgentCommand
{
    /// <summary>Input bytes that may wait for the command; the harness sends no more ahead.</summary>
    public const int MostQueuedInput = 256 << 10;

    // What a command left in the background may hold its output open for good: behind the command's end, silence of this length ends it...
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(1);

    // ...and talk of this length.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly uint _channel;
    private readonly FrameStream _frames;
    private readonly Action<uint> _ended;
    private readonly BlockingCollection<byte[]> _input = [];
    private int _queuedInput;
    private int _speaking;
    private long _spokeAt;

    private AgentCommand(Process process, uint channel, FrameStream frames, Action<uint> ended)
    {
        _process = process;
        _channel = channel;
        _frames = frames;
        _ended = ended;
    }

    /// <summary>Starts a command with <c>/bin/sh -c</c>; nothing is carried before <see cref="Go"/>.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no process to be had.</exception>
    public static AgentCommand Start(string text, uint channel, FrameStream frames, Action<uint> ended)
    {
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", text])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new AgentCommand(Process.Start(start)!, channel, frames, ended);
    }

    /// <summary>Begins to carry input and output.</summary>
    public void Go()
    {
        Thread output = Run(() => Carry(_process.StandardOutput.BaseStream, FrameKind.Output), "output");
        Thread error = Run(() => Carry(_process.StandardError.BaseStream, FrameKind.Error), "error");
        Run(CarryInput, "input");
        Run(() => WaitForEnd(output, error), "end");
    }

    /// <summary>Queues input.</summary>
    /// <returns>False when too much waits already.</returns>
    public bool TryGiveInput(byte[] bytes)
    {
        if (Interlocked.Add(ref _queuedInput, bytes.Length) > MostQueuedInput) return false;
        TryAdd(bytes);
        return true;
    }

    /// <summary>Ends the input behind what is queued.</summary>
    public void EndInput() => _input.CompleteAdding();

    /// <summary>Sends a signal to the command and all of its process group.</summary>
    /// <param name="signal">Its number; one that does not exist does nothing.</param>
    public void Kill(byte signal)
    {
        try
        {
            // The group's number is that of its leader; a command that has only just been started may not lead one yet.
            using Process kill = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"kill -{signal} -{_process.Id} 2>/dev/null || kill -{signal} {_process.Id} 2>/dev/null"]) { UseShellExecute = false })!;
            kill.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            _process.Kill();
        }
    }

    private static Thread Run(Action action, string name)
    {
        var thread = new Thread(() => action()) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private void TryAdd(byte[] bytes)
    {
        try
        {
            _input.Add(bytes);
        }
        catch (InvalidOperationException)
        {
            // Input behind its own end: nobody can read it, so it counts as taken.
            Taken(bytes.Length);
        }
    }

    private void Carry(Stream from, FrameKind kind)
    {
        byte[] buffer = new byte[FrameDecoder.MostPayload];
        try
        {
            int count;
            while ((count = from.Read(buffer)) > 0)
            {
                Interlocked.Increment(ref _speaking);
                _frames.Write(kind, _channel, buffer.AsSpan(0, count));
                Volatile.Write(ref _spokeAt, Stopwatch.GetTimestamp());
                Interlocked.Decrement(ref _speaking);
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The host is gone: without a reader the command learns it by SIGPIPE, as behind any closed pipe.
            from.Dispose();
        }
    }

    private void CarryInput()
    {
        Stream to = _process.StandardInput.BaseStream;
        bool isOpen = true;
        foreach (byte[] bytes in _input.GetConsumingEnumerable())
        {
            try
            {
                if (isOpen)
                {
                    to.Write(bytes);
                    to.Flush();
                }
            }
            catch (IOException)
            {
                isOpen = false;
            }

            Taken(bytes.Length);
        }

        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It reads no more; closing is all that was left.
        }
    }

    private void Taken(int count)
    {
        Interlocked.Add(ref _queuedInput, -count);
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, count);
        TryWrite(FrameKind.InputTaken, payload);
    }

    private void WaitForEnd(Thread output, Thread error)
    {
        _process.WaitForExit();
        long ended = Stopwatch.GetTimestamp();
        while (!(output.Join(s_slice) && error.Join(s_slice)))
        {
            bool isTalking = Volatile.Read(ref _speaking) > 0 || Stopwatch.GetElapsedTime(Math.Max(ended, Volatile.Read(ref _spokeAt))) < s_silence;
            if (!isTalking || Stopwatch.GetElapsedTime(ended) >= s_lastWords) break;
        }

        // First out of the table, then the news: whoever hears it may use the channel again.
        _ended(_channel);
        _input.CompleteAdding();
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, _process.ExitCode);
        TryWrite(FrameKind.Exit, payload);
    }

    private void TryWrite(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        try
        {
            _frames.Write(kind, _channel, payload);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // Nobody is left to tell.
        }
    }
}
