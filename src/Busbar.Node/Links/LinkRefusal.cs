// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>What the system refused while a link was opened, in the user's terms.</summary>
internal static class LinkRefusal
{
    /// <summary>A refusal in one line that starts with the LINK.</summary>
    public static MctpException Of(LinkSpec spec, LinuxException failure) => new(
        failure.Errno switch
        {
            Errno.EBUSY or Errno.EADDRINUSE => MctpError.AddressInUse,
            Errno.EACCES or Errno.EPERM or Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.ENOSPC => MctpError.MissingFacility,
            _ => MctpError.BadConfiguration,
        },
        $"link '{spec.Text}': {failure.Message}",
        failure);
}
