// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;

namespace Busbar.Daemon;

/// <summary>
/// Keeps the line that the service manager shows about the daemon (STATUS of sd_notify(3)) true while links and endpoints come and go: at most once a second, and only when it changed. All in
/// the loop's thread.
/// </summary>
internal sealed class StatusLine : IDisposable
{
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(1);

    private readonly NetworkController _controller;
    private readonly Func<string> _read;
    private readonly ITimer _timer;
    private string _told;
    private bool _isDue;

    /// <summary>Begins.</summary>
    /// <param name="controller">The control plane.</param>
    /// <param name="time">Timers of the loop.</param>
    /// <param name="read">The line as it is now.</param>
    /// <param name="told">The line that was told last.</param>
    public StatusLine(NetworkController controller, TimeProvider time, Func<string> read, string told)
    {
        _controller = controller;
        _read = read;
        _told = told;
        _timer = time.CreateTimer(static line => ((StatusLine)line!).Tell(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        controller.Links.Added += LinkCame;
        controller.Links.Removed += LinkCame;
        controller.Endpoints.Published += EndpointCame;
        controller.Endpoints.Removed += EndpointCame;
    }

    public void Dispose()
    {
        _controller.Links.Added -= LinkCame;
        _controller.Links.Removed -= LinkCame;
        _controller.Endpoints.Published -= EndpointCame;
        _controller.Endpoints.Removed -= EndpointCame;
        _timer.Dispose();
    }

    private void LinkCame(ManagedLink link) => TellSoon();

    private void EndpointCame(ManagedEndpoint endpoint) => TellSoon();

    private void TellSoon()
    {
        if (_isDue) return;
        _isDue = true;
        _timer.Change(s_pace, Timeout.InfiniteTimeSpan);
    }

    private void Tell()
    {
        _isDue = false;
        string status = _read();
        if (status == _told) return;
        _told = status;
        ServiceManager.TryNotify($"STATUS={status}");
    }
}
