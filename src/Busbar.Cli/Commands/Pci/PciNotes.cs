// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>What a user should know beyond the result.</summary>
internal static class PciNotes
{
    /// <summary>What a device says of how it was opened; null when that is nothing.</summary>
    public static IReadOnlyList<string>? Of(IPciDevice device) => device.Notes is { Count: > 0 } notes ? notes : null;

    /// <summary>Prints notes on stderr, a line each.</summary>
    public static void Write(IReadOnlyList<string>? notes)
    {
        foreach (string note in notes ?? []) Console.Error.WriteLine("busbar: note: " + note);
    }
}
