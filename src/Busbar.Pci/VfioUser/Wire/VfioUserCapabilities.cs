// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;

namespace Busbar.Pci;

/// <summary>What one side says of itself in VERSION: a JSON object with the member <c>capabilities</c>, all of whose members may be absent.</summary>
internal sealed record VfioUserCapabilities
{
    private const int MostDescriptorsEver = 1024;

    /// <summary>Descriptors that the sender takes with one message.</summary>
    public int MaximumDescriptors { get; init; } = 1;

    /// <summary>Bytes of data that the sender takes with one access.</summary>
    public int MaximumTransfer { get; init; } = VfioUserFormat.LargestTransfer;

    /// <summary>Ranges that the sender keeps at one time.</summary>
    public int MaximumDmaMaps { get; init; } = VfioUserFormat.MostDmaMaps;

    /// <summary>True when the sender understands REGION_WRITE_MULTI.</summary>
    public bool WritesMultiple { get; init; }

    /// <summary>Reads what follows the version numbers; nothing at all is fine, too.</summary>
    /// <param name="bytes">Text with its terminating zero, or nothing.</param>
    /// <param name="capabilities">What it says, with defaults for what it does not.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out VfioUserCapabilities capabilities)
    {
        capabilities = new VfioUserCapabilities();
        if (bytes.IsEmpty) return true;
        if (bytes[^1] != 0) return false;
        try
        {
            var reader = new Utf8JsonReader(bytes[..^1]);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (reader.Read() || document.RootElement.ValueKind != JsonValueKind.Object) return false;
            return !document.RootElement.TryGetProperty("capabilities"u8, out JsonElement members) || TryRead(members, out capabilities);
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            // The second one is how the library refuses half a surrogate pair in a name that it compares.
            return false;
        }
    }

    /// <summary>The text for a reply, with its terminating zero, in at most so many bytes; what does not fit is left out, at worst everything.</summary>
    /// <param name="room">Bytes.</param>
    public byte[] Write(int room)
    {
        string writes = WritesMultiple ? ",\"write_multiple\":true" : "";
        string[] texts =
        [
            $"\"max_msg_fds\":{MaximumDescriptors},\"max_data_xfer_size\":{MaximumTransfer},\"max_dma_maps\":{MaximumDmaMaps},\"pgsizes\":{VfioUserFormat.PageSize}{writes}",
            $"\"max_msg_fds\":{MaximumDescriptors},\"max_data_xfer_size\":{MaximumTransfer}{writes}",
            $"\"max_msg_fds\":{MaximumDescriptors}",
        ];
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.ASCII.GetBytes("{\"capabilities\":{" + text + "}}\0");
            if (bytes.Length <= room) return bytes;
        }

        return [];
    }

    private static bool TryRead(JsonElement members, out VfioUserCapabilities capabilities)
    {
        capabilities = new VfioUserCapabilities();
        if (members.ValueKind != JsonValueKind.Object) return false;
        if (!TryNumber(members, "max_msg_fds"u8, capabilities.MaximumDescriptors, 0, MostDescriptorsEver, out long descriptors)
            || !TryNumber(members, "max_data_xfer_size"u8, capabilities.MaximumTransfer, 0, long.MaxValue, out long transfer)
            || !TryNumber(members, "max_dma_maps"u8, capabilities.MaximumDmaMaps, 0, long.MaxValue, out long maps)
            || !IsPageMaskGood(members)
            || !TryBoolean(members, "write_multiple"u8, out bool writesMultiple)
            || !IsMigrationGood(members)
            || !IsTwinSocketGood(members))
        {
            return false;
        }

        capabilities = new VfioUserCapabilities
        {
            MaximumDescriptors = (int)descriptors,
            MaximumTransfer = (int)Math.Min(transfer, VfioUserFormat.LargestTransfer),
            MaximumDmaMaps = (int)Math.Min(maps, VfioUserFormat.MostDmaMaps),
            WritesMultiple = writesMultiple,
        };
        return true;
    }

    // A mask of 64 bits, whose highest one is in use where a client allows every size.
    private static bool IsPageMaskGood(JsonElement members) =>
        !members.TryGetProperty("pgsizes"u8, out JsonElement member)
        || (member.ValueKind == JsonValueKind.Number && member.TryGetUInt64(out ulong sizes) && sizes != 0);

    private static bool IsMigrationGood(JsonElement members)
    {
        if (!members.TryGetProperty("migration"u8, out JsonElement migration)) return true;
        return migration.ValueKind == JsonValueKind.Object
            && TryNumber(migration, "pgsize"u8, VfioUserFormat.PageSize, VfioUserFormat.PageSize, long.MaxValue, out long page)
            && (page & (page - 1)) == 0
            && TryNumber(migration, "max_bitmap_size"u8, 0, 0, long.MaxValue, out _);
    }

    private static bool IsTwinSocketGood(JsonElement members)
    {
        if (!members.TryGetProperty("twin_socket"u8, out JsonElement twin)) return true;
        return twin.ValueKind == JsonValueKind.Object && TryBoolean(twin, "supported"u8, out _) && TryNumber(twin, "fd_index"u8, 0, 0, int.MaxValue, out _);
    }

    private static bool TryNumber(JsonElement members, ReadOnlySpan<byte> name, long absent, long smallest, long largest, out long value)
    {
        value = absent;
        return !members.TryGetProperty(name, out JsonElement member)
            || (member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out value) && value >= smallest && value <= largest);
    }

    private static bool TryBoolean(JsonElement members, ReadOnlySpan<byte> name, out bool value)
    {
        value = false;
        if (!members.TryGetProperty(name, out JsonElement member)) return true;
        value = member.ValueKind == JsonValueKind.True;
        return member.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }
}
