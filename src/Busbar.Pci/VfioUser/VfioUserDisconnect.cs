// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Why a client of a <see cref="VfioUserServer"/> is gone.</summary>
public enum VfioUserDisconnect
{
    /// <summary>It closed its end.</summary>
    Left,

    /// <summary>It closed its end inside a message.</summary>
    Truncated,

    /// <summary>It sent a size that cannot be; it was told so and disconnected.</summary>
    BadSize,

    /// <summary>It sent descriptors that take too long to close, and hundreds of them.</summary>
    Descriptors,

    /// <summary>It did not agree on a version within <see cref="VfioUserServerOptions.GreetingLimitMs"/>.</summary>
    Silent,

    /// <summary>The server ends.</summary>
    Shutdown,
}
