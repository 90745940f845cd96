// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A host over a simulated stack. What arrives is handed over in <see cref="Deliver"/>, which the world calls in the controller's synchronization context.</summary>
internal sealed class StackHost : IMctpHost, IMctpService
{
    private readonly StackConfiguration _configuration;
    private readonly HostSnapshot _snapshot = new();
    private readonly Func<long> _now;
    private readonly Queue<(ControlRequest Request, byte[] Body)> _requests = new();
    private readonly List<Exchange> _exchanges = [];
    private bool _isWatched;

    public StackHost(MctpStack stack, Func<long> now)
    {
        Stack = stack;
        _now = now;
        _configuration = new StackConfiguration(stack, now);
        stack.SetService(MessageType.Control, this);
    }

    public event Action<HostChange>? Changed;

    public event ControlRequestHandler? RequestArrived;

    public MctpStack Stack { get; }

    /// <summary>Exchanges that were opened and not disposed: a leak when the controller is idle.</summary>
    public int OpenExchanges => _exchanges.Count;

    /// <summary>Makes every change of the host's configuration fail, as a system that lost its privilege.</summary>
    public HostError? Refusal { get; set; }

    /// <summary>Makes every new route fail.</summary>
    public HostError? RouteRefusal { get; set; }

    public void Handle(MctpStack stack, in MctpMessage message, long now) =>
        _requests.Enqueue((new ControlRequest(message.From, message.Local), message.Body.ToArray()));

    /// <summary>Hands over what came in; true when there was something.</summary>
    public bool Deliver()
    {
        bool did = TellChanges();
        while (_requests.TryDequeue(out (ControlRequest Request, byte[] Body) next))
        {
            did = true;
            RequestArrived?.Invoke(next.Request, next.Body);
        }

        foreach (Exchange exchange in _exchanges.ToArray()) did |= exchange.Deliver();
        return did;
    }

    public void TakeChanges() => TellChanges();

    /// <summary>Begins to report changes; those before are what the controller reads at its start.</summary>
    public void Watch()
    {
        _snapshot.Update(_configuration);
        _isWatched = true;
    }

    public bool Reply(in ControlRequest request, ReadOnlySpan<byte> body) => Stack.Respond(request.From, request.Destination, body);

    public IControlExchange Open(in MctpEndPoint to)
    {
        var exchange = new Exchange(this, to with { Type = MessageType.Control, Tag = MctpTag.Owner });
        _exchanges.Add(exchange);
        return exchange;
    }

    public IReadOnlyList<HostLink> Links() => _configuration.Links();

    public IReadOnlyList<HostAddress> Addresses() => _configuration.Addresses();

    public IReadOnlyList<HostRoute> Routes() => _configuration.Routes();

    public IReadOnlyList<HostNeighbour> Neighbours() => _configuration.Neighbours();

    public void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null) => _configuration.SetLink(link, isUp, mtu, network);

    public void AddAddress(int link, Eid eid)
    {
        EnsureWilling();
        _configuration.AddAddress(link, eid);
    }

    public void RemoveAddress(int link, Eid eid)
    {
        EnsureWilling();
        _configuration.RemoveAddress(link, eid);
    }

    public void AddRoute(in HostRoute route)
    {
        EnsureWilling();
        if (RouteRefusal is { } error) throw new HostException(error, "the simulated system refuses the route");
        _configuration.AddRoute(route);
    }

    public void RemoveRoute(in HostRoute route)
    {
        EnsureWilling();
        _configuration.RemoveRoute(route);
    }

    public void AddNeighbour(in HostNeighbour neighbour)
    {
        EnsureWilling();
        _configuration.AddNeighbour(neighbour);
    }

    public void RemoveNeighbour(int link, Eid eid)
    {
        EnsureWilling();
        _configuration.RemoveNeighbour(link, eid);
    }

    private bool TellChanges()
    {
        bool did = false;
        if (!_isWatched) return did;
        foreach (HostChange change in _snapshot.Update(_configuration))
        {
            did = true;
            Changed?.Invoke(change);
        }

        return did;
    }

    private void EnsureWilling()
    {
        if (Refusal is { } error) throw new HostException(error, "the simulated system refuses");
    }

    private sealed class Exchange : IControlExchange
    {
        private readonly StackHost _host;
        private readonly MctpSocketCore _socket;
        private readonly MctpEndPoint _to;
        private readonly byte[] _buffer = new byte[256];
        private MctpTag? _tag;

        public Exchange(StackHost host, MctpEndPoint to)
        {
            _host = host;
            _to = to;
            _socket = host.Stack.OpenSocket();
        }

        public Action<MctpEndPoint, ReadOnlySpan<byte>>? Answered { get; set; }

        public SendStatus Send(ReadOnlySpan<byte> body)
        {
            // One tag for all tries, so that a late answer to the first one still counts.
            if (_tag is null)
            {
                SendStatus status = _host.Stack.AllocateTag(_socket, _to, _host._now(), out MctpTag tag);
                if (status != SendStatus.Ok) return status;
                _tag = tag;
            }

            return _host.Stack.Send(_socket, _to with { Tag = _tag.Value }, body, _host._now());
        }

        public bool Deliver()
        {
            bool did = false;
            while (_host.Stack.TryReceive(_socket, _buffer, out MctpReceiveResult result))
            {
                did = true;
                if (!result.Truncated) Answered?.Invoke(result.From, _buffer.AsSpan(0, result.Length));
            }

            return did;
        }

        public void Dispose()
        {
            if (!_host._exchanges.Remove(this)) return;
            _host.Stack.Close(_socket, _host._now());
        }
    }
}
