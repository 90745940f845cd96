// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>The two sides of a mailbox block; the value is what the SIDE register reads.</summary>
public enum MailboxSide
{
    /// <summary>The embedded processor behind the device.</summary>
    Owner = 0,

    /// <summary>The host.</summary>
    Discoverer = 1,
}
