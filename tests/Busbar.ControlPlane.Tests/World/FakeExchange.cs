// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>An exchange of a <see cref="FakeHost"/>.</summary>
internal sealed class FakeExchange : IControlExchange
{
    private readonly FakeHost _host;
    private readonly MctpEndPoint _to;

    public FakeExchange(FakeHost host, MctpEndPoint to) => (_host, _to) = (host, to);

    public Action<MctpEndPoint, ReadOnlySpan<byte>>? Answered { get; set; }

    public bool IsDisposed { get; private set; }

    public SendStatus Send(ReadOnlySpan<byte> body) => IsDisposed ? SendStatus.Closed : _host.Deliver(this, _to, body.ToArray());

    public void Dispose()
    {
        IsDisposed = true;
        _host.Closed(this);
    }
}
