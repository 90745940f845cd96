// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Guest;

/// <summary>A guest did not do what was asked of it.</summary>
public sealed class GuestException : Exception
{
    /// <summary>A failure.</summary>
    /// <param name="error">Its kind.</param>
    /// <param name="message">What happened, where, and if there is one, the remedy.</param>
    /// <param name="cause">The failure behind it, if there is one.</param>
    public GuestException(GuestError error, string message, Exception? cause = null)
        : base(message, cause) => Error = error;

    /// <summary>The kind of failure.</summary>
    public GuestError Error { get; }
}
