// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>One interrupt vector as an <see cref="IrqTable"/> keeps it, under the table's lock.</summary>
internal sealed class IrqVector
{
    /// <summary>What the client listens on.</summary>
    public EventFd? Doorbell { get; set; }

    /// <summary>The client does not want to hear of it now.</summary>
    public bool IsMasked { get; set; }

    /// <summary>It was raised while it was masked.</summary>
    public bool IsPending { get; set; }
}
