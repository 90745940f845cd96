// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;

namespace Busbar.Fuzz;

/// <summary>A good driver on the window of an emulated device: brings its instance up, asks for the endpoint ID, and counts the answers. It polls and needs no interrupt.</summary>
internal sealed class DriverSide
{
    private const byte GetEndpointId = 0x02;

    private static readonly MmbiTimings s_timings = MmbiTimings.Default with { AcknowledgeLimit = 50, DrainLimit = 20, RefusalInterval = 50, VerifyInterval = 20 };
    private static readonly Eid s_own = new(9);

    private readonly MmbiChannel _channel;
    private byte _tag;

    public DriverSide(SharedRegion window, MmbiDialect dialect, int instance) =>
        _channel = new MmbiChannel(window, new MmbiChannelOptions { Dialect = dialect, Instance = instance, Timings = s_timings });

    /// <summary>True while packets may flow.</summary>
    public bool IsUp => _channel.IsUp;

    /// <summary>Answers so far.</summary>
    public int Answers { get; private set; }

    /// <summary>One turn.</summary>
    public void Poll()
    {
        if (_channel.Poll(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000)))
        {
            while (_channel.TryReceive(out MmbiPacket packet))
            {
                if (packet.Length > MctpHeader.Size) Answers++;
                _channel.Advance();
            }
        }

        if (!_channel.IsUp) return;
        ReadOnlySpan<byte> request = [0, 0x80, GetEndpointId];
        if (_channel.Room(1, request.Length + MctpHeader.Size) != SendRoom.Now) return;
        _tag = (byte)((_tag + 1) & 7);
        _channel.TryWrite(new MctpHeader(Eid.Null, s_own, som: true, eom: true, sequence: 0, owner: true, tag: _tag), request, default);
        _channel.Flush();
    }
}
