// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>A device cannot be used as asked. The message is one line that names the culprit and what to do.</summary>
public sealed class PciDeviceException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="fault">What kind of refusal it is.</param>
    /// <param name="message">Culprit and remedy, one line.</param>
    /// <param name="cause">What the system said.</param>
    public PciDeviceException(PciDeviceFault fault, string message, Exception? cause = null)
        : base(message, cause) => Fault = fault;

    /// <summary>What kind of refusal it is.</summary>
    public PciDeviceFault Fault { get; }
}
