// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>A client that administers: takes requests, several at once, sends answers in the order in which they are ready, and changes to those who watch.</summary>
internal sealed class AdministrationLane : ILane
{
    private const int LongestRequest = 64 << 10;
    private const int MostOpen = 64;
    private const int MostChangesWaiting = 256;

    // With more than this to be sent nothing more is read, so that nobody can make the daemon hold answers without bound.
    private const int EnoughWaiting = 1 << 20;

    private readonly ClientConnection _client;
    private readonly AdministrationService _service;
    private readonly DocumentStream _requests = new(LongestRequest);
    private readonly Queue<byte[]> _out = new();
    private readonly byte[] _packet = new byte[DocumentStream.LongestPacket];
    private int _position;
    private int _open;
    private long _waitingBytes;
    private long _lost;
    private bool _watches;
    private bool _ended;

    public AdministrationLane(ClientConnection client, AdministrationService service)
    {
        _client = client;
        _service = service;
    }

    public bool TryTake(ReadOnlySpan<byte> packet)
    {
        if (!_requests.TryTake(packet, out bool isWhole)) return false;
        if (!isWhole) return true;
        AdministrationRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(_requests.Document, AdministrationJson.Default.AdministrationRequest);
        }
        catch (JsonException)
        {
            return false;
        }

        if (request is null) return false;
        if (request.Method == AdministrationMethod.Watch)
        {
            if (!_watches) _service.Changes.Happened += Tell;
            _watches = true;
            Send(new AdministrationAnswer { Id = request.Id });
            return true;
        }

        if (_open >= MostOpen)
        {
            Send(new AdministrationAnswer { Id = request.Id, Error = AdministrationFailure.Of(new InvalidOperationException($"more than {MostOpen} requests are open")) });
            return true;
        }

        _open++;
        _ = AnswerAsync(request);
        return true;
    }

    public void Continue() => Flush();

    public void Dispose()
    {
        _ended = true;
        if (_watches) _service.Changes.Happened -= Tell;
        _out.Clear();
    }

    private async Task AnswerAsync(AdministrationRequest request)
    {
        AdministrationAnswer answer = await _service.AnswerAsync(request);
        _open--;
        Send(answer with { Id = request.Id });
    }

    private void Tell(ReadOnlyMemory<byte> change)
    {
        if (_out.Count >= MostChangesWaiting)
        {
            _lost++;
            return;
        }

        if (_lost != 0)
        {
            long lost = _lost;
            _lost = 0;
            Send(new AdministrationAnswer { Change = new ChangeReport { Kind = ChangeKind.Missed, Lost = lost } });
        }

        Enqueue(change.ToArray());
    }

    private void Send(AdministrationAnswer answer) => Enqueue(JsonSerializer.SerializeToUtf8Bytes(answer, AdministrationJson.Default.AdministrationAnswer));

    private void Enqueue(byte[] document)
    {
        if (_ended) return;
        _out.Enqueue(document);
        _waitingBytes += document.Length;
        Flush();
        if (!_ended) _client.PauseReading(_waitingBytes > EnoughWaiting);
    }

    private void Flush()
    {
        while (!_ended && _out.TryPeek(out byte[]? document))
        {
            int next = _position;
            int length = DocumentStream.NextPacket(document, ref next, _packet);
            if (!_client.TrySend(_packet.AsSpan(0, length))) return;
            _position = next;
            if (_position < document.Length) continue;
            _position = 0;
            _out.Dequeue();
            _waitingBytes -= document.Length;
        }

        if (_ended || _waitingBytes > EnoughWaiting) return;
        _client.PauseReading(pauses: false);

        // A watcher that caught up learns at once that it missed something.
        if (_lost == 0) return;
        long lost = _lost;
        _lost = 0;
        Send(new AdministrationAnswer { Change = new ChangeReport { Kind = ChangeKind.Missed, Lost = lost } });
    }
}
