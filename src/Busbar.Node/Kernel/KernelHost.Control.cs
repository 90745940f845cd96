// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>Control messages: requests of others and our replies on one bound socket, and a socket for each exchange of our own.</content>
public sealed partial class KernelHost
{
    // Much more than a control message may have, so that one which is too long shows.
    internal const int LongestMessage = 1024;

    private const int MostRequestsPerTurn = 32;

    /// <inheritdoc/>
    public bool Reply(in ControlRequest request, ReadOnlySpan<byte> body)
    {
        MctpEndPoint back = request.From with { Tag = request.From.Tag.ToResponse() };
        bool sent = (HasRoute(back) && TrySend(back with { Link = 0, Address = default }, body)) || (back.IsExtended && TrySend(back, body));
        if (sent) Statistics.Replies++;
        else Statistics.RepliesFailed++;
        return sent;
    }

    /// <inheritdoc/>
    public IControlExchange Open(in MctpEndPoint to)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        uint network = to.Network != 0 ? to.Network : to.IsExtended && _links.TryGetValue(to.Link, out HostLink? link) ? link.Network : MctpStack.DefaultNetwork;
        return new KernelExchange(this, _loop, _resting, to with { Network = network, Type = MessageType.Control });
    }

    private static IMctpDatagrams OpenForRequests(IKernelFacilities facilities)
    {
        IMctpDatagrams? socket = null;
        try
        {
            socket = facilities.OpenMctp();
            Span<byte> address = stackalloc byte[MctpEndPoint.Size];
            new MctpEndPoint(Eid.Any, MessageType.Control).WriteSockaddr(address);
            Errno bound = socket.Bind(address);
            if (bound == Errno.None) return socket;
            throw bound switch
            {
                Errno.EACCES or Errno.EPERM => new HostException(
                    HostError.NotPermitted, "answering control requests in the kernel's AF_MCTP needs CAP_NET_BIND_SERVICE; run as root"),
                Errno.EADDRINUSE => new HostException(
                    HostError.Exists, "another program answers the control requests of this system; stop it first (mctpd, or another busbar daemon)"),
                _ => new HostException(HostError.Failed, $"binding to the control messages of the kernel's AF_MCTP failed ({bound})"),
            };
        }
        catch (LinuxException failure)
        {
            throw KernelRefusals.Of(failure, "opening an AF_MCTP socket");
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    // A harness takes every send in silence; so its routes say beforehand what the kernel would say afterwards.
    private bool HasRoute(in MctpEndPoint back)
    {
        if (!back.Eid.IsAssignable) return false;
        if (_facilities.JudgesSends) return true;
        (uint network, byte eid) = (back.Network, back.Eid.Value);
        try
        {
            return _configuration.Routes().Any(route => route.Network == network && route.First.Value <= eid && eid <= route.Last.Value);
        }
        catch (HostException)
        {
            return false;
        }
    }

    private bool TrySend(in MctpEndPoint to, ReadOnlySpan<byte> body)
    {
        Span<byte> address = stackalloc byte[MctpEndPoint.ExtendedSize];
        return _requests.Send(address[..to.WriteSockaddr(address)], body) == Errno.None;
    }

    private void TakeRequests(PollEvents events)
    {
        Span<byte> body = stackalloc byte[LongestMessage];
        Span<byte> address = stackalloc byte[MctpEndPoint.ExtendedSize];
        for (int i = 0; i < MostRequestsPerTurn && !_disposed; i++)
        {
            Errno taken = _requests.TryReceive(body, address, out int addressLength, out int length);
            if (taken == Errno.EAGAIN) return;
            if (taken is Errno.EPIPE or Errno.ECONNRESET or Errno.EBADF)
            {
                Note(NoteSeverity.Warning, "the socket for control requests is gone; requests are not answered any more");
                _requestWatch.Dispose();
                return;
            }

            if (taken != Errno.None || length > body.Length || !MctpEndPoint.TryReadSockaddr(address[..addressLength], out MctpEndPoint from)
                || !from.Tag.IsOwner || from.Type != MessageType.Control || !from.IsExtended)
            {
                Statistics.RequestsRefused++;
                continue;
            }

            Statistics.Requests++;
            RequestArrived?.Invoke(new ControlRequest(from, Eid.Null), body[..length]);
        }
    }
}
