// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using Busbar.Linux;
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>A LINK with its defaults filled in.</summary>
/// <param name="Spec">What the user wrote.</param>
/// <param name="Role">Owner or discoverer.</param>
/// <param name="Name">What the link is called.</param>
/// <param name="Patience">How long a discoverer waits for the window.</param>
/// <param name="Timings">Time limits of the state machine.</param>
internal sealed record MmbiAttachmentSettings(MmbiLinkSpec Spec, MmbiRole Role, string Name, TimeSpan Patience, MmbiTimings Timings)
{
    /// <summary>Window bytes when this side makes the window.</summary>
    public int Size => Spec.Size ?? MmbiLinkSpec.DefaultWindowSize;

    /// <summary>How many instances an owner lays out: what the user said, or just enough for this one.</summary>
    public int Instances => Spec.Instances
        ?? (Dialect is { HasDescriptorPerInstance: true } ? (int)BitOperations.RoundUpToPowerOf2((uint)Spec.Instance + 1) : Spec.Instance + 1);

    /// <summary>What threads do while nothing arrives; a plain file has no doorbell, so everything but spinning is polling there.</summary>
    public WaitStrategy Wait => Spec.Window == WindowKind.Shm
        ? Spec.Wait == WaitStrategy.Spin ? WaitStrategy.Spin : WaitStrategy.Poll
        : Spec.Wait ?? WaitStrategy.Adaptive;

    /// <summary>The dialect of an owner, or null for a discoverer that recognises it.</summary>
    public MmbiDialect? Dialect => Spec.Dialect ?? (Role == MmbiRole.Owner ? MmbiDialect.V11 : null);

    /// <summary>The same for the link itself.</summary>
    public WindowOptions Window => new()
    {
        Name = Name,
        Text = Spec.Text,
        Role = Role,
        Dialect = Dialect,
        Instance = Spec.Instance,
        Instances = Instances,
        Timings = Timings,
        Wait = Wait,
        Mtu = Spec.Mtu,
    };

    /// <summary>A refusal in one line that starts with the LINK.</summary>
    public MctpException Refusal(MctpError error, string reason, Exception? cause = null) => new(error, $"link '{Spec.Text}': {reason}", cause);

    /// <summary>What the system refused, in the user's terms.</summary>
    public MctpException Refusal(LinuxException failure) => Refusal(
        failure.Errno is Errno.EACCES or Errno.EPERM or Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.ENOSPC ? MctpError.MissingFacility : MctpError.BadConfiguration,
        failure.Message,
        failure);
}
