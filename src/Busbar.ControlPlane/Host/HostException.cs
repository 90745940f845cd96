// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>An MCTP system refused a change or a question.</summary>
public sealed class HostException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">Why, for programs.</param>
    /// <param name="message">Why, for people, with the remedy.</param>
    /// <param name="inner">What lies behind it.</param>
    public HostException(HostError error, string message, Exception? inner = null)
        : base(message, inner)
    {
        Error = error;
    }

    /// <summary>Why, for programs.</summary>
    public HostError Error { get; }
}
