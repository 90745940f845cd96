// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>Busbar's own stack below a daemon: a node with the links of the configuration.</summary>
internal sealed class UserSystem : IDaemonSystem
{
    // A window that another process makes may come while the daemon starts; later it is looked for again and again.
    private static readonly TimeSpan s_startPatience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromSeconds(2);

    private readonly EventLoop _loop;
    private readonly MctpNode _node;
    private readonly NodeHost _host;
    private readonly HostApplier _applier;
    private readonly Dictionary<string, (LinkSettings Settings, LinkAttachment Attachment)> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinkSettings> _missing = new(StringComparer.Ordinal);
    private ITimer? _retry;
    private DaemonConfiguration _wanted = new();
    private bool _isRetrying;
    private bool _disposed;

    public UserSystem(EventLoop loop, bool forwards)
    {
        _loop = loop;
        _node = new MctpNode(new MctpNodeOptions { Stack = new MctpStackOptions { Forwards = forwards } });
        _host = new NodeHost(_node, loop);
        _applier = new HostApplier(_host);
    }

    /// <inheritdoc/>
    public event Action<ControlNote>? Noted;

    public IMctpHost Host => _host;

    public TimeProvider Time => _loop.Time;

    public IMctpSocketSource Sockets => _node;

    public StackReport Counters() => _node.Read(static (stack, _) => new StackReport
    {
        PacketsReceived = stack.Statistics.PacketsReceived,
        PacketsSent = stack.Statistics.PacketsSent,
        MessagesReceived = stack.Statistics.MessagesReceived,
        MessagesSent = stack.Statistics.MessagesSent,
        RequestsExpired = stack.Statistics.RequestsExpired,
        Drops = StateReader.Drops(stack.Statistics.Drops),
    });

    public LinkStatistics? StatisticsOf(int link) => _node.Read((stack, _) => stack.FindLink(link)?.Statistics);

    public string? DescriptionOf(int link) => _open.Values.FirstOrDefault(open => open.Attachment.Link.Index == link).Attachment?.Description;

    public async Task ApplyAsync(DaemonConfiguration? before, DaemonConfiguration now)
    {
        _wanted = now;
        foreach ((string name, (LinkSettings settings, LinkAttachment attachment)) in _open.ToArray())
        {
            if (now.Links.Any(link => link.Name == name && link.Spec?.Text == settings.Spec?.Text && link.Emulated == settings.Emulated)) continue;
            _open.Remove(name);
            _node.RemoveLink(attachment);
        }

        _missing.Clear();
        _node.Use((stack, _) =>
        {
            stack.Forwards = now.Forwards;
            SetServices(stack, now.Daemon);
        });
        LinkSettings[] wanted = [.. now.Links.Where(link => !_open.ContainsKey(link.Name))];
        (LinkSettings Settings, LinkAttachment? Attachment, Exception? Failure)[] opened = await Task.WhenAll(wanted.Select(link => Task.Run(() => Open(link, s_startPatience))));
        Exception? fatal = before is null ? opened.Select(link => link.Failure).FirstOrDefault(failure => failure is not null && !MayStillCome(failure)) : null;
        if (fatal is not null || _disposed)
        {
            foreach ((_, LinkAttachment? attachment, _) in opened) attachment?.Dispose();
            if (fatal is not null) throw fatal;
            return;
        }

        foreach ((LinkSettings settings, LinkAttachment? attachment, Exception? failure) in opened) Take(settings, attachment, failure);
        ReportRefusals(_applier.Apply(before, now));
        _retry ??= _loop.Time.CreateTimer(_ => _ = RetryAsync(), null, s_retryInterval, s_retryInterval);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _retry?.Dispose();
        _host.Dispose();
        _node.Dispose();
    }

    private static void SetServices(MctpStack stack, DaemonSettings settings)
    {
        var protocols = new List<IVendorProtocol>();
        if (settings.OffersEcho) protocols.Add(new EchoService());
        if (settings.OffersBench) protocols.Add(new BenchService());
        stack.SetService(MessageType.VendorPci, protocols.Count == 0 ? null : new VendorTypeService(protocols));
    }

    private static bool MayStillCome(Exception failure) => failure is MctpException { Error: MctpError.Unreachable or MctpError.TimedOut or MctpError.LinkDown };

    private static (LinkSettings Settings, LinkAttachment? Attachment, Exception? Failure) Open(LinkSettings settings, TimeSpan patience)
    {
        try
        {
            // A bus owner is usually the host that looks for endpoints, and an endpoint owns its window; the text may say otherwise.
            MmbiRole role = settings.Role == LinkRole.Endpoint ? MmbiRole.Owner : MmbiRole.Discoverer;
            return (settings, settings.Emulated is { } bus ? new EmulatedBus(settings.Name, bus) : LinkOpener.Open(settings.Spec!, role, settings.Name, patience), null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return (settings, null, failure is MctpException ? failure : new MctpException(MctpError.MissingFacility, $"link '{settings.Name}': {failure.Message}", failure));
        }
    }

    private void Take(LinkSettings settings, LinkAttachment? attachment, Exception? failure)
    {
        if (attachment is null)
        {
            _missing[settings.Name] = settings;
            Note(NoteSeverity.Warning, $"link '{settings.Name}' is not there yet and is tried again: {failure!.Message}");
            return;
        }

        _node.AddLink(attachment, settings.Network ?? 1);
        _open.Add(settings.Name, (settings, attachment));
        Note(NoteSeverity.Information, $"link '{settings.Name}': {attachment.Description}");
    }

    private async Task RetryAsync()
    {
        if (_isRetrying || _missing.Count == 0 || _disposed) return;
        _isRetrying = true;
        try
        {
            foreach (LinkSettings settings in _missing.Values.ToArray())
            {
                (_, LinkAttachment? attachment, _) = await Task.Run(() => Open(settings, TimeSpan.Zero));
                if (attachment is null) continue;

                // The configuration may have changed, or the daemon ended, while the link was opened.
                if (_disposed || !_missing.TryGetValue(settings.Name, out LinkSettings? still) || !ReferenceEquals(still, settings))
                {
                    attachment.Dispose();
                    continue;
                }

                _missing.Remove(settings.Name);
                Take(settings, attachment, null);
                ReportRefusals(_applier.Apply(_wanted, _wanted));
            }
        }
        finally
        {
            _isRetrying = false;
        }
    }

    private void ReportRefusals(IReadOnlyList<HostException> refusals)
    {
        foreach (HostException refusal in refusals) Note(NoteSeverity.Warning, refusal.Message);
    }

    private void Note(NoteSeverity severity, string text) => Noted?.Invoke(new ControlNote(severity, text));
}
