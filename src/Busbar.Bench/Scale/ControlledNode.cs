// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>A node with its control plane, which lives in a thread of its own.</summary>
internal sealed class ControlledNode : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly EventLoop _loop = new();
    private readonly Thread _thread;
    private readonly NodeHost _host;
    private readonly NetworkController _controller;
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _expected;
    private int _found;

    /// <summary>Builds a node; its control plane does nothing before <see cref="Start"/>.</summary>
    /// <param name="links">Its links.</param>
    /// <param name="eid">Its own EID on all links; null EID for none.</param>
    /// <param name="expected">How many simple endpoints it is to find.</param>
    /// <param name="options">How its control plane behaves.</param>
    public ControlledNode(IReadOnlyList<LinkAttachment> links, Eid eid, int expected, NetworkControllerOptions options)
    {
        _expected = expected;
        Node = new MctpNode(new MctpNodeOptions { Stack = new MctpStackOptions { Forwards = true } });
        foreach (LinkAttachment link in links) Node.AddLink(link);
        Node.Use((stack, _) =>
        {
            foreach (MctpLink link in stack.Links)
            {
                if (eid != Eid.Null) stack.AddAddress(link, eid);
            }
        });
        _thread = new Thread(_loop.Run) { IsBackground = true, Name = "busbar control plane" };
        _thread.Start();
        (_host, _controller) = Invoke(() =>
        {
            var host = new NodeHost(Node, _loop);
            var controller = new NetworkController(host, _loop.Time, options);
            controller.Endpoints.Published += endpoint =>
            {
                if (!endpoint.IsLocal && endpoint.Kind == EndpointKind.Simple && ++_found == expected) _complete.TrySetResult();
            };
            return (host, controller);
        });
    }

    public MctpNode Node { get; }

    public void Start() => Invoke(() =>
    {
        _controller.Start();
        return true;
    });

    /// <summary>Waits until the expected endpoints are found.</summary>
    public void WaitUntilComplete()
    {
        if (!_complete.Task.Wait(s_patience)) throw new MctpException(MctpError.TimedOut, $"only {_found} of {_expected} endpoints were found within {s_patience.TotalSeconds} s");
    }

    public void Dispose()
    {
        Invoke(() =>
        {
            _controller.Dispose();
            _host.Dispose();
            return true;
        });
        _loop.Stop();
        _thread.Join();
        _loop.Dispose();
        Node.Dispose();
    }

    private T Invoke<T>(Func<T> work) => _loop.InvokeAsync(() => Task.FromResult(work())).GetAwaiter().GetResult();
}
