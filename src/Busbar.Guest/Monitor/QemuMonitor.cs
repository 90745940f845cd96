// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;

namespace Busbar.Guest;

/// <summary>QEMU's machine protocol (QMP): commands of one JSON object a line. Safe for several threads; one command runs at a time.</summary>
public sealed class QemuMonitor : IDisposable
{
    private const int MostLine = 1 << 20;

    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private readonly byte[] _buffer = new byte[MostLine];
    private int _filled;

    private QemuMonitor(Socket socket) => _socket = socket;

    internal static QemuMonitor Open(Socket socket, TimeSpan limit)
    {
        var monitor = new QemuMonitor(socket);
        using (monitor.Read(new Deadline(limit)))
        {
            // The greeting; commands are taken once its capabilities were negotiated.
        }

        monitor.Execute("qmp_capabilities", null, limit);
        return monitor;
    }

    /// <summary>Runs one command.</summary>
    /// <param name="command">For instance <c>device_add</c> or <c>system_reset</c>.</param>
    /// <param name="arguments">A JSON object with its arguments; null without.</param>
    /// <param name="limit">How long to wait for the answer.</param>
    /// <returns>What it returned.</returns>
    /// <exception cref="GuestException">QEMU refuses, does not answer in time, or is gone.</exception>
    public JsonElement Execute(string command, string? arguments, TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        lock (_gate)
        {
            Send(Request(command, arguments));
            while (true)
            {
                using JsonDocument answer = Read(deadline);
                JsonElement root = answer.RootElement;
                if (root.ValueKind != JsonValueKind.Object) continue;
                if (root.TryGetProperty("return", out JsonElement result)) return result.Clone();
                if (root.TryGetProperty("error", out JsonElement error))
                    throw new GuestException(GuestError.MonitorError, $"QEMU refuses {command}: {error.GetRawText()}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static byte[] Request(string command, string? arguments)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("execute", command);
            if (arguments is not null)
            {
                json.WritePropertyName("arguments");
                json.WriteRawValue(arguments);
            }

            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.WrittenSpan.ToArray();
    }

    private void Send(byte[] bytes)
    {
        try
        {
            _socket.Send(bytes);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw Gone(failure);
        }
    }

    private static GuestException Gone(Exception? cause) => new(GuestError.Ended, "QEMU's monitor has ended", cause);

    private JsonDocument Read(Deadline deadline)
    {
        while (true)
        {
            int end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n');
            if (end >= 0)
            {
                byte[] line = _buffer.AsSpan(0, end).ToArray();
                _buffer.AsSpan((end + 1).._filled).CopyTo(_buffer);
                _filled -= end + 1;
                return Parse(line);
            }

            if (_filled == _buffer.Length) throw new GuestException(GuestError.MonitorError, $"QEMU's monitor sent a line of more than {MostLine} bytes");
            int count = Receive(deadline);
            if (count == 0) throw Gone(null);
            _filled += count;
        }
    }

    private int Receive(Deadline deadline)
    {
        try
        {
            if (!_socket.Poll(deadline.Left, SelectMode.SelectRead))
                throw new GuestException(GuestError.TimedOut, "QEMU's monitor did not answer in time");
            return _socket.Receive(_buffer.AsSpan(_filled));
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw Gone(failure);
        }
    }

    private static JsonDocument Parse(byte[] line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException failure)
        {
            throw new GuestException(GuestError.MonitorError, $"QEMU's monitor sent what is no JSON: {failure.Message}", failure);
        }
    }
}
