// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <content>
/// Services: requests for them are queued while a link is polled and handled right after, so that a service may use the stack freely, and
/// no link is entered while it is still being polled.
/// </content>
public sealed partial class MctpStack
{
    private readonly List<(int Type, IMctpService Service)> _services = [];
    private MessageQueue _serviceQueue;

    /// <summary>Has a service answer a message type, unless a socket is bound that matches.</summary>
    /// <param name="type">The type; its IC bit is ignored.</param>
    /// <param name="service">The service, or null to have none.</param>
    public void SetService(MessageType type, IMctpService? service)
    {
        _services.RemoveAll(entry => entry.Type == type.Value);
        if (service is not null) _services.Add((type.Value, service));
    }

    // A stack has a handful of services at most.
    private IMctpService? ServiceFor(int type)
    {
        foreach ((int candidate, IMctpService service) in _services)
        {
            if (candidate == type) return service;
        }

        return null;
    }

    private void Enqueue(IMctpService service, Message message)
    {
        if (_serviceQueue.Count >= _options.ServiceQueueMessages)
        {
            message.Port.CountDrop(Statistics, DropReason.ServiceQueueFull);
            _pool.Return(message);
            return;
        }

        message.Service = service;
        _serviceQueue.Enqueue(message);
        Statistics.MessagesReceived++;
    }

    private void RunServices(long now)
    {
        while (!_serviceQueue.IsEmpty)
        {
            Message message = _serviceQueue.Dequeue();
            IMctpService service = message.Service!;
            message.Service = null;
            service.Handle(this, new MctpMessage(this, message, service), now);
            _pool.Return(message);
        }
    }

    private void PollServices(long now)
    {
        for (int i = 0; i < _services.Count; i++)
        {
            IMctpService service = _services[i].Service;
            if (now >= service.NextDeadline) service.Poll(this, now);
        }
    }
}
