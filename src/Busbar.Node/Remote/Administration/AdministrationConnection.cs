// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A client's connection on the administration lane: many requests at once, one thread that takes their answers.</summary>
internal sealed class AdministrationConnection : IDisposable
{
    internal const int LongestDocument = 64 << 20;

    private readonly UnixPackets _connection;
    private readonly string _path;
    private readonly TimeSpan _timeout;
    private readonly Lock _sending = new();
    private readonly Dictionary<long, TaskCompletionSource<AdministrationAnswer>> _open = [];
    private bool _isOver;
    private long _lastId;

    public AdministrationConnection(UnixPackets connection, string path, TimeSpan timeout)
    {
        _connection = connection;
        _path = path;
        _timeout = timeout;
        new Thread(Read) { IsBackground = true, Name = "busbar administration" }.Start();
    }

    /// <summary>Asks, and waits for the answer within the time limit.</summary>
    /// <exception cref="MctpException">The daemon is gone, or silent.</exception>
    public async Task<AdministrationAnswer> AskAsync(AdministrationRequest request)
    {
        var outcome = new TaskCompletionSource<AdministrationAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        long id = Interlocked.Increment(ref _lastId);
        lock (_open)
        {
            if (_isOver) throw Gone();
            _open.Add(id, outcome);
        }

        try
        {
            Send(request with { Id = id });
            AdministrationAnswer answer = await outcome.Task.WaitAsync(_timeout).ConfigureAwait(false);
            return answer.Error is { } error ? throw error.ToException() : answer;
        }
        catch (TimeoutException)
        {
            throw new MctpException(MctpError.TimedOut, $"the daemon at '{_path}' did not answer within {_timeout.TotalSeconds:0.#} s");
        }
        finally
        {
            lock (_open) _open.Remove(id);
        }
    }

    /// <summary>Ends the connection; what is open fails.</summary>
    public void Dispose() => _connection.Shutdown();

    private void Send(AdministrationRequest request)
    {
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(request, AdministrationJson.Default.AdministrationRequest);
        byte[] packet = new byte[Math.Min(DocumentStream.LongestPacket, document.Length + 1)];
        int position = 0;
        lock (_sending)
        {
            do
            {
                int length = DocumentStream.NextPacket(document, ref position, packet);
                SendResult result;
                while ((result = _connection.TrySend(packet.AsSpan(0, length))) == SendResult.WouldBlock)
                {
                    if (_connection.Wait(PollEvents.Writable, (int)_timeout.TotalMilliseconds)) continue;

                    // Half a document would make nonsense of the next one.
                    if (position > DocumentStream.LongestPiece) _connection.Shutdown();
                    throw new TimeoutException();
                }

                if (result == SendResult.Closed) throw Gone();
            }
            while (position < document.Length);
        }
    }

    private void Read()
    {
        var documents = new DocumentStream(LongestDocument);
        byte[] packet = new byte[DocumentStream.LongestPacket];
        while (true)
        {
            ReceiveResult result = _connection.TryReceive(packet, out int count);
            if (result == ReceiveResult.WouldBlock) _connection.Wait(PollEvents.Readable, Timeout.Infinite);
            else if (result != ReceiveResult.Received || !documents.TryTake(packet.AsSpan(0, count), out bool isWhole) || (isWhole && !TryDeliver(documents.Document))) break;
        }

        // Only this thread closes, so that nobody ever polls a number that belongs to somebody else by now.
        _connection.Dispose();
        lock (_open)
        {
            _isOver = true;
            foreach (TaskCompletionSource<AdministrationAnswer> waiting in _open.Values) waiting.TrySetException(Gone());
        }
    }

    private bool TryDeliver(ReadOnlySpan<byte> document)
    {
        AdministrationAnswer? answer;
        try
        {
            answer = JsonSerializer.Deserialize(document, AdministrationJson.Default.AdministrationAnswer);
        }
        catch (JsonException)
        {
            return false;
        }

        if (answer is null) return false;
        lock (_open)
        {
            if (_open.TryGetValue(answer.Id, out TaskCompletionSource<AdministrationAnswer>? waiting)) waiting.TrySetResult(answer);
        }

        return true;
    }

    private MctpException Gone() => new(MctpError.Closed, $"the daemon at '{_path}' ended the connection");
}
