// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get MCTP Version Support, response.</summary>
/// <param name="Versions">Oldest first.</param>
public readonly record struct GetVersionSupportResponse(IReadOnlyList<MctpVersion> Versions) : IControlData<GetVersionSupportResponse>
{
    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetVersionSupport;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetVersionSupportResponse value)
    {
        value = default;
        if (data.Length < 1 || data.Length < 1 + (data[0] * MctpVersion.Size)) return false;
        var versions = new MctpVersion[data[0]];
        for (int i = 0; i < versions.Length; i++) versions[i] = MctpVersion.Read(data[(1 + (i * MctpVersion.Size))..]);
        value = new(versions);
        return true;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        int at = 1;
        foreach (MctpVersion version in Versions)
        {
            version.Write(data[at..]);
            at += MctpVersion.Size;
        }

        data[0] = (byte)Versions.Count;
        return at;
    }
}
