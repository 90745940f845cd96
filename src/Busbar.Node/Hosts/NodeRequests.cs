// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// The node's control service for <see cref="NodeHost"/>: copies each request and hands it over. A flood fills a queue of fixed size, and the rest is dropped and counted.
/// </summary>
internal sealed class NodeRequests : IMctpService
{
    private const int Most = 256;

    // A control message fits one baseline packet; the byte more shows that one is longer, which is an error that the control plane answers.
    private const int SlotSize = ControlHeader.LargestMessage + 1;

    private readonly SynchronizationContext _context;
    private readonly ControlRequestHandler _deliver;
    private readonly Lock _lock = new();
    private readonly byte[] _bodies = new byte[Most * SlotSize];
    private readonly (ControlRequest Request, int Length)[] _requests = new (ControlRequest, int)[Most];
    private readonly byte[] _body = new byte[SlotSize];
    private int _first;
    private int _count;
    private long _dropped;

    public NodeRequests(SynchronizationContext context, ControlRequestHandler deliver)
    {
        _context = context;
        _deliver = deliver;
    }

    public long Dropped => Volatile.Read(ref _dropped);

    // Any thread, under the node's lock.
    public void Handle(MctpStack stack, in MctpMessage message, long now)
    {
        lock (_lock)
        {
            if (_count == Most)
            {
                _dropped++;
                return;
            }

            int slot = (_first + _count) % Most;
            ReadOnlySpan<byte> body = message.Body;
            int length = Math.Min(body.Length, SlotSize);
            body[..length].CopyTo(_bodies.AsSpan(slot * SlotSize));
            _requests[slot] = (new ControlRequest(message.From, message.Local), length);
            if (_count++ != 0) return;
        }

        _context.Post(static requests => ((NodeRequests)requests!).Drain(), this);
    }

    // In the control plane's context. What comes meanwhile is taken along, but no more than a queue full, so that timers and answers get their turn.
    private void Drain()
    {
        for (int i = 0; i < Most; i++)
        {
            ControlRequest request;
            int length;
            lock (_lock)
            {
                (request, length) = _requests[_first];
                _bodies.AsSpan(_first * SlotSize, length).CopyTo(_body);
            }

            _deliver(request, _body.AsSpan(0, length));
            lock (_lock)
            {
                // Taken out only now, so that nobody posts another turn meanwhile.
                _first = (_first + 1) % Most;
                if (--_count == 0) return;
            }
        }

        _context.Post(static requests => ((NodeRequests)requests!).Drain(), this);
    }
}
