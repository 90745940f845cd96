// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What a <see cref="KernelHost"/> counts; each since it was opened.</summary>
public sealed class KernelHostStatistics
{
    /// <summary>Control requests handed on.</summary>
    public long Requests { get; internal set; }

    /// <summary>Messages to the request socket that were dropped: no owned tag, another type, longer than a control message may be, an address that makes no sense.</summary>
    public long RequestsRefused { get; internal set; }

    /// <summary>Replies sent.</summary>
    public long Replies { get; internal set; }

    /// <summary>Replies that could not be sent.</summary>
    public long RepliesFailed { get; internal set; }

    /// <summary>Requests of our own sent, repetitions included.</summary>
    public long Sent { get; internal set; }

    /// <summary>Requests of our own that the kernel did not take.</summary>
    public long SendsFailed { get; internal set; }

    /// <summary>Answers handed on.</summary>
    public long Answers { get; internal set; }

    /// <summary>Answers dropped: too long, of another type, or from an address that makes no sense.</summary>
    public long AnswersRefused { get; internal set; }

    /// <summary>How often the kernel's announcements overflowed, so that everything was read anew.</summary>
    public long Overruns { get; internal set; }

    /// <summary>How often links and EIDs were read.</summary>
    public long Readings { get; internal set; }
}
