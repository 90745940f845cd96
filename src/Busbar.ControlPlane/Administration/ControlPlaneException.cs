// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>The control plane cannot do what it was asked for. The message is what mctpd says in the same case, where mctpd has one.</summary>
public sealed class ControlPlaneException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">Why, for programs.</param>
    /// <param name="message">Why, for people.</param>
    /// <param name="inner">What lies behind it.</param>
    public ControlPlaneException(ControlPlaneError error, string message, Exception? inner = null)
        : base(message, inner)
    {
        Error = error;
    }

    /// <summary>Why, for programs.</summary>
    public ControlPlaneError Error { get; }
}
