// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Node;

/// <summary>
/// An MMBI link on a window that is simply there: the memory of an emulated device, seen from behind the device or, in one process, from its
/// driver. Whoever opens it provides the notifications and says when the peer is gone.
/// </summary>
public sealed class WindowAttachment : MmbiAttachment
{
    private readonly IWindowSignals _signals;
    private readonly string _description;

    private WindowAttachment(WindowOptions options, IWindowSignals signals, string description)
        : base(options) => (_signals, _description) = (signals, description);

    /// <inheritdoc/>
    public override string Description => _description;

    internal override long NextDeadline => long.MaxValue;

    /// <summary>Puts a link on a window.</summary>
    /// <param name="window">The window; the attachment disposes it, also when this throws.</param>
    /// <param name="options">How this end behaves.</param>
    /// <param name="signals">The notifications; must outlive the attachment, which does not dispose them.</param>
    /// <param name="description">What the link stands on, for people.</param>
    /// <param name="usableLength">Bytes from the start that may be used, when the window's tail belongs to somebody else; 0 for all.</param>
    /// <exception cref="MctpException">The window is too small for what the options ask for.</exception>
    public static WindowAttachment Open(SharedRegion window, WindowOptions options, IWindowSignals signals, string description, int usableLength = 0)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(signals);
        var attachment = new WindowAttachment(options, signals, description);
        try
        {
            attachment.Install(window, usableLength, signals.Doorbell, MctpNode.Now);
            return attachment;
        }
        catch
        {
            window.Dispose();
            throw;
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors) => _signals.CollectDescriptors(descriptors);

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        if (_signals.Acknowledge(descriptor)) Link.Statistics.Wakes++;
    }

    internal override void Service(long now)
    {
        // The window is there for good; nobody comes or goes.
    }
}
