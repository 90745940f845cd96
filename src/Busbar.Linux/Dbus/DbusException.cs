// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A D-Bus call failed: one of ours at its callee, or one of a caller's in our hands (then it is the answer).</summary>
public sealed class DbusException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="name">The error's name, see <see cref="DbusErrorName"/>.</param>
    /// <param name="message">The error's text.</param>
    /// <param name="inner">What lies behind it.</param>
    public DbusException(string name, string message, Exception? inner = null)
        : base(message, inner)
    {
        Name = name;
    }

    /// <summary>The error's name.</summary>
    public string Name { get; }

    internal static DbusException InvalidArguments(string message) => new(DbusErrorName.InvalidArguments, message);
}
