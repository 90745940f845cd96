// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>What ping, send and discover have in common: this end of a link, opened and up.</summary>
internal sealed class LinkSession : IDisposable
{
    private LinkSession(EndpointHost host) => Host = host;

    public EndpointHost Host { get; }

    public MctpNode Node => Host.Node;

    public MmbiAttachment? Mmbi => Host.Attachment as MmbiAttachment;

    /// <summary>Opens a link as discoverer, unless the LINK says otherwise, and waits until it is up.</summary>
    /// <param name="spec">The LINK.</param>
    /// <param name="localEid">The EID to send from; null EID for none.</param>
    /// <param name="patience">How long to wait for the link, once the window is there.</param>
    /// <exception cref="CommandException">Exit code 3: the link does not come up.</exception>
    public static LinkSession Open(LinkSpec spec, Eid localEid, TimeSpan patience)
    {
        LinkAttachment attachment = LinkOpener.Open(spec, MmbiRole.Discoverer, patience: patience);
        var session = new LinkSession(new EndpointHost(attachment, new EndpointOptions { StaticEid = localEid }));
        try
        {
            if (!session.Node.WaitUntilUp(attachment, patience)) throw new CommandException(ExitCode.Unreachable, session.WhyDown(spec, patience));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose() => Host.Dispose();

    private string WhyDown(LinkSpec spec, TimeSpan patience)
    {
        string limit = $"link '{spec.Text}' did not come up within {patience.TotalSeconds:0.###} s";
        return Node.Read((_, _) =>
        {
            if (Host.Attachment.WhyDown is { } why) return $"{limit}: {why}";
            if (Mmbi is null) return $"{limit}: the other end is silent; is it running?";
            MmbiChannel? channel = Mmbi?.MmbiLink.Channel;
            if (channel is null) return $"{limit}: the window is gone";
            if (channel.Recognition is { IsPresent: true, IsAcceptable: false } found)
                return $"{limit}: the descriptor is rejected ({string.Join("; ", found.Faults)})";
            if (channel is { Phase: MmbiPhase.Searching, Recognition: { IsAcceptable: true, Descriptor: { } other } })
                return $"{limit}: its window has {other.Instances.Count} instance{(other.Instances.Count == 1 ? string.Empty : "s")}, and instance={channel.Instance} is none of them; they count from 0";
            return channel.Phase == MmbiPhase.Searching
                ? $"{limit}: the window holds no descriptor; is the owner running?"
                : $"{limit}: state {channel.State}; is the other side running?";
        });
    }
}
