// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Devices;

/// <summary>Which device an MMBI endpoint shows itself as.</summary>
public enum DeviceProfile
{
    /// <summary>Our own: mailbox registers in BAR 0, one window for all instances in BAR 2, MSI-X in BAR 4.</summary>
    Busbar,

    /// <summary>As the 2024 host driver for the AST2700 expects it (aspeed-host-bmc-dev): a window of version 1.0 in each BAR, a doorbell byte, MSI.</summary>
    Ast2700,

    /// <summary>As the 2026 host driver for the AST2700 expects it (aspeed-mmbi): a window of version 1.1 in BAR 0, polled by the host.</summary>
    Ast2700V11,
}
