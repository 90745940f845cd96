// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>An ivshmem server did not keep to the protocol, or not in time.</summary>
public sealed class IvshmemProtocolException : IOException
{
    /// <summary>Describes the violation.</summary>
    /// <param name="fault">What was wrong.</param>
    /// <param name="socketPath">Where the server listens.</param>
    /// <param name="detail">What was seen, for the user to read.</param>
    public IvshmemProtocolException(IvshmemFault fault, string socketPath, string detail)
        : base($"The ivshmem server on '{socketPath}' cannot be used: {detail} ({fault}).") => Fault = fault;

    /// <summary>What was wrong.</summary>
    public IvshmemFault Fault { get; }
}
