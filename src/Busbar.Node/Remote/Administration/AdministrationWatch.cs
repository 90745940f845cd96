// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A client's connection that follows changes.</summary>
internal sealed class AdministrationWatch : IDisposable
{
    private readonly UnixPackets _connection;
    private readonly string _path;
    private readonly DocumentStream _documents = new(AdministrationConnection.LongestDocument);
    private readonly byte[] _packet = new byte[DocumentStream.LongestPacket];

    private AdministrationWatch(UnixPackets connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    public static AdministrationWatch Open(string path)
    {
        UnixPackets connection = DaemonConnector.Connect(path, LaneKind.Administration);
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(new AdministrationRequest { Id = 1, Method = AdministrationMethod.Watch }, AdministrationJson.Default.AdministrationRequest);
        int position = 0;
        Span<byte> packet = stackalloc byte[256];
        int length = DocumentStream.NextPacket(document, ref position, packet);
        connection.TrySend(packet[..length]);
        return new AdministrationWatch(connection, path);
    }

    /// <summary>Waits for a change; null after <see cref="Stop"/>.</summary>
    public ChangeReport? Next(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            ReceiveResult result = _connection.TryReceive(_packet, out int count);
            if (result == ReceiveResult.WouldBlock)
            {
                _connection.Wait(PollEvents.Readable, Timeout.Infinite);
                continue;
            }

            if (cancellation.IsCancellationRequested) return null;
            if (result != ReceiveResult.Received || !_documents.TryTake(_packet.AsSpan(0, count), out bool isWhole)) throw Gone();
            if (!isWhole) continue;
            if (Read() is { } change) return change;
        }

        return null;
    }

    /// <summary>Ends a wait in progress. Any thread.</summary>
    public void Stop() => _connection.Shutdown();

    public void Dispose() => _connection.Dispose();

    private ChangeReport? Read()
    {
        try
        {
            AdministrationAnswer? answer = JsonSerializer.Deserialize(_documents.Document, AdministrationJson.Default.AdministrationAnswer);
            return answer?.Error is { } error ? throw error.ToException() : answer?.Change;
        }
        catch (JsonException)
        {
            throw Gone();
        }
    }

    private MctpException Gone() => new(MctpError.Closed, $"the daemon at '{_path}' ended the connection");
}
