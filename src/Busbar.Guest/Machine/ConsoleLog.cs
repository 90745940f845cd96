// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Guest;

/// <summary>Drains what the guest's console and QEMU itself print: a bounded file and the end of it in memory.</summary>
internal sealed class ConsoleLog : IDisposable
{
    private const int MostInFile = 32 << 20;
    private const int MostInMemory = 64 << 10;

    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private readonly StringBuilder _tail = new();
    private readonly List<Thread> _readers = [];
    private long _written;

    public ConsoleLog(string path)
    {
        Path = path;
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1);
    }

    public string Path { get; }

    /// <summary>The last 64 Ki characters.</summary>
    public string Tail
    {
        get
        {
            lock (_gate) return _tail.ToString();
        }
    }

    /// <summary>Begins to drain a stream on a thread of its own.</summary>
    public void Drain(Stream stream)
    {
        var reader = new Thread(() => Read(stream)) { IsBackground = true, Name = "guest console" };
        _readers.Add(reader);
        reader.Start();
    }

    /// <summary>Waits until all streams have ended and been read.</summary>
    public void Finish()
    {
        foreach (Thread reader in _readers) reader.Join(s_endLimit);
    }

    public void Dispose()
    {
        Finish();
        lock (_gate) _file.Dispose();
    }

    private void Read(Stream stream)
    {
        byte[] buffer = new byte[4096];
        Decoder decoder = Encoding.UTF8.GetDecoder();
        char[] text = new char[buffer.Length + 1];
        try
        {
            int count;
            while ((count = stream.Read(buffer)) > 0)
            {
                int characters = decoder.GetChars(buffer.AsSpan(0, count), text, flush: false);
                Keep(buffer.AsSpan(0, count), text.AsSpan(0, characters));
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // A full disk or a closed pipe ends the log, not the guest; what was printed until now is kept.
            Keep([], $"\n[the console log ends here: {failure.Message}]\n");
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes, ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            _tail.Append(text);
            if (_tail.Length > MostInMemory) _tail.Remove(0, _tail.Length - MostInMemory);
            int kept = (int)Math.Min(bytes.Length, MostInFile - _written);
            if (kept <= 0 || !_file.CanWrite) return;
            _written += kept;
            _file.Write(bytes[..kept]);
            if (_written == MostInFile) _file.Write("\n[the guest printed more than is kept]\n"u8);
        }
    }
}
