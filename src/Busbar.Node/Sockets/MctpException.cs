// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>The one exception of the public edge; <see cref="Error"/> says what kind, the message says it to a person in one line.</summary>
public sealed class MctpException : IOException
{
    /// <summary>States a failure.</summary>
    /// <param name="error">The kind.</param>
    /// <param name="message">One line that names the culprit and, where there is one, the remedy.</param>
    /// <param name="inner">The cause below, if any.</param>
    public MctpException(MctpError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>What kind of failure it was.</summary>
    public MctpError Error { get; }
}
