// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>Where the byte streams of a serial link come from, one after the other. No member blocks.</summary>
internal abstract class SerialLine : IDisposable
{
    /// <summary>For people, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>Why there is no stream at the moment, for people.</summary>
    public string Trouble { get; protected set; } = "nothing was tried yet";

    /// <summary>How long to wait between two attempts, in milliseconds.</summary>
    public virtual int RetryMs => 250;

    /// <summary>Becomes readable when somebody wants in; null for lines that wait for nobody.</summary>
    public virtual FileDescriptor? Listener => null;

    /// <summary>Callers that were turned away because the line has one already. Counted before they can notice it.</summary>
    public long TurnedAway { get; protected set; }

    /// <summary>Gets a stream if there is one now. The caller gives it back with <see cref="Release"/>.</summary>
    /// <exception cref="LinuxException">The line cannot be had, and trying again may not help.</exception>
    public abstract ByteStream? TryOpen();

    /// <summary>The listener is readable while the line has a stream.</summary>
    public virtual void TurnAway()
    {
    }

    /// <summary>The stream came to its end, or is not wanted any more.</summary>
    public virtual void Release(ByteStream stream) => stream.Dispose();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
