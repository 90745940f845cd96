// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// The control plane's host over a node of ours: its stack's configuration, word of its changes, and control messages. The node works in its own threads; what concerns the control
/// plane is handed over to one synchronization context.
/// </summary>
/// <remarks>
/// It takes the place of the node's control service. A socket that is bound for message type 0 gets the requests instead, as long as it is open. All members are called in the
/// synchronization context, <see cref="Dispose"/> too.
/// </remarks>
public sealed class NodeHost : IMctpHost, IDisposable
{
    private readonly MctpNode _node;
    private readonly SynchronizationContext _context;
    private readonly MctpStack _stack;
    private readonly StackConfiguration _configuration;
    private readonly HostSnapshot _snapshot = new();
    private readonly NodeRequests _requests;
    private readonly HashSet<NodeExchange> _exchanges = [];
    private int _lookIsPosted;
    private bool _announcing;
    private bool _disposed;

    /// <summary>Begins to take a node's control requests and changes.</summary>
    /// <param name="node">The node; it outlives the host.</param>
    /// <param name="context">Where the control plane lives, such as an <see cref="EventLoop"/>.</param>
    public NodeHost(MctpNode node, SynchronizationContext context)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(context);
        _node = node;
        _context = context;
        _stack = node.Read(static (stack, _) => stack);
        _configuration = new StackConfiguration(_stack, static () => MctpNode.Now);
        _requests = new NodeRequests(context, Deliver);
        _node.Use((stack, _) =>
        {
            _snapshot.Update(_configuration);
            stack.Changed += Look;
            stack.SetService(MessageType.Control, _requests);
        });
    }

    /// <inheritdoc/>
    public event Action<HostChange>? Changed;

    /// <inheritdoc/>
    public event ControlRequestHandler? RequestArrived;

    /// <summary>Requests that were dropped because more came than the control plane takes in.</summary>
    public long RequestsDropped => _requests.Dropped;

    /// <summary>Answers that could not be sent.</summary>
    public long RepliesLost { get; private set; }

    /// <summary>Exchanges that are open now.</summary>
    public int OpenExchanges => _exchanges.Count;

    /// <inheritdoc/>
    public void TakeChanges()
    {
        if (_disposed || _announcing) return;
        _announcing = true;
        try
        {
            foreach (HostChange change in _node.Read((_, _) => _snapshot.Update(_configuration))) Changed?.Invoke(change);
        }
        finally
        {
            _announcing = false;
        }
    }

    /// <inheritdoc/>
    public bool Reply(in ControlRequest request, ReadOnlySpan<byte> body)
    {
        if (_disposed) return false;
        ControlRequest asked = request;
        byte[] answer = body.ToArray();
        (bool isSent, bool isStaged) = _node.Read((stack, _) => (stack.Respond(asked.From, asked.Destination, answer), stack.StagedMessages != 0));

        // What did not fit at once goes out in turns, and somebody must take them.
        if (isStaged) _node.Use(static (_, _) => { });
        if (!isSent) RepliesLost++;
        return isSent;
    }

    /// <inheritdoc/>
    public IControlExchange Open(in MctpEndPoint to)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var exchange = new NodeExchange(_node, to with { Type = MessageType.Control, Tag = MctpTag.Owner }, ended => _exchanges.Remove(ended));
        _exchanges.Add(exchange);
        exchange.Listen();
        return exchange;
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostLink> Links() => _node.Read((_, _) => _configuration.Links());

    /// <inheritdoc/>
    public IReadOnlyList<HostAddress> Addresses() => _node.Read((_, _) => _configuration.Addresses());

    /// <inheritdoc/>
    public IReadOnlyList<HostRoute> Routes() => _node.Read((_, _) => _configuration.Routes());

    /// <inheritdoc/>
    public IReadOnlyList<HostNeighbour> Neighbours() => _node.Read((_, _) => _configuration.Neighbours());

    /// <inheritdoc/>
    public void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null) => _node.Use((_, _) => _configuration.SetLink(link, isUp, mtu, network));

    /// <inheritdoc/>
    public void AddAddress(int link, Eid eid) => Change(configuration => configuration.AddAddress(link, eid));

    /// <inheritdoc/>
    public void RemoveAddress(int link, Eid eid) => Change(configuration => configuration.RemoveAddress(link, eid));

    /// <inheritdoc/>
    public void AddRoute(in HostRoute route)
    {
        HostRoute wanted = route;
        Change(configuration => configuration.AddRoute(wanted));
    }

    /// <inheritdoc/>
    public void RemoveRoute(in HostRoute route)
    {
        HostRoute wanted = route;
        Change(configuration => configuration.RemoveRoute(wanted));
    }

    /// <inheritdoc/>
    public void AddNeighbour(in HostNeighbour neighbour)
    {
        HostNeighbour wanted = neighbour;
        Change(configuration => configuration.AddNeighbour(wanted));
    }

    /// <inheritdoc/>
    public void RemoveNeighbour(int link, Eid eid) => Change(configuration => configuration.RemoveNeighbour(link, eid));

    /// <summary>Gives up control requests and changes, and ends all exchanges. The node goes on without a control service.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _node.Use((stack, _) =>
        {
            stack.Changed -= Look;
            stack.SetService(MessageType.Control, null);
        });
        foreach (NodeExchange exchange in _exchanges.ToArray()) exchange.Dispose();
    }

    // Nothing here waits for the links, so nobody who sleeps on them need be woken.
    private void Change(Action<StackConfiguration> change) => _node.Read((_, _) =>
    {
        change(_configuration);
        return true;
    });

    // Any thread, under the node's lock. However much changes, one look tells all of it.
    private void Look(StackChange change)
    {
        if (Interlocked.Exchange(ref _lookIsPosted, 1) == 0) _context.Post(static host => ((NodeHost)host!).LookNow(), this);
    }

    private void LookNow()
    {
        Volatile.Write(ref _lookIsPosted, 0);
        TakeChanges();
    }

    private void Deliver(in ControlRequest request, ReadOnlySpan<byte> body)
    {
        if (!_disposed) RequestArrived?.Invoke(request, body);
    }
}
