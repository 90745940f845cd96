// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>Names for values, the same in text and in JSON.</summary>
internal static class Names
{
    private static readonly (string Name, MessageType Type)[] s_types =
    [
        ("control", MessageType.Control),
        ("pldm", MessageType.Pldm),
        ("nc-si", MessageType.NcSi),
        ("ethernet", MessageType.Ethernet),
        ("nvme", MessageType.NvmeMi),
        ("spdm", MessageType.Spdm),
        ("secured", MessageType.SecuredMessages),
        ("cxl-fm", MessageType.CxlFmApi),
        ("cxl-cci", MessageType.CxlCci),
        ("pci", MessageType.VendorPci),
        ("iana", MessageType.VendorIana),
    ];

    /// <summary>The names of message types that mctp-client knows, and a few more.</summary>
    public static IEnumerable<string> MessageTypes => s_types.Select(entry => entry.Name);

    /// <summary>A physical binding as mctpd's configuration calls it; <c>unspecified</c> when nobody said.</summary>
    public static string Binding(PhysicalBinding binding) => binding switch
    {
        PhysicalBinding.PcieVdm => "pcie",
        _ => Enum.IsDefined(binding) ? binding.ToString().ToLowerInvariant() : $"0x{(byte)binding:x2}",
    };

    /// <summary>The same for the name of a <see cref="PhysicalBinding"/>.</summary>
    public static string Binding(string name) => Enum.TryParse(name, out PhysicalBinding binding) ? Binding(binding) : name.ToLowerInvariant();

    /// <summary>The short name of a message type; null when it has none.</summary>
    public static string? ShortOf(MessageType type)
    {
        foreach ((string name, MessageType known) in s_types)
        {
            if (known.Value == type.Value) return name;
        }

        return null;
    }

    /// <summary>A part on a link as mctpd's configuration calls it: <c>bus-owner</c>, <c>endpoint</c>, <c>unknown</c>.</summary>
    /// <param name="role">The name of a <c>LinkRole</c>.</param>
    public static string Role(string role) => JsonNamingPolicy.KebabCaseLower.ConvertName(role);

    /// <summary>CamelCase to snake_case.</summary>
    public static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>What was counted for each reason, by its name; those that are not zero.</summary>
    /// <param name="count">The counter of a reason.</param>
    public static Dictionary<string, long> ByReason<T>(Func<T, long> count)
        where T : struct, Enum
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (T reason in Enum.GetValues<T>())
        {
            if (count(reason) is not 0 and long value) found[Snake(reason.ToString())] = value;
        }

        return found;
    }

    /// <summary>A message type by name, or null.</summary>
    public static MessageType? FindType(string name)
    {
        foreach ((string known, MessageType type) in s_types)
        {
            if (known == name) return type;
        }

        return null;
    }

    /// <summary>For people: <c>0x7e (pci)</c>.</summary>
    public static string Describe(MessageType type)
    {
        foreach ((string name, MessageType known) in s_types)
        {
            if (known.Value == type.Value) return $"{type} ({name})";
        }

        return type.ToString();
    }
}
