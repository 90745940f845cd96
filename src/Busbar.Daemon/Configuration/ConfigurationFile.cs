// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Daemon;

/// <summary>Reads configuration files.</summary>
public static class ConfigurationFile
{
    /// <summary>The largest file that is read, bytes.</summary>
    public const int LargestFile = 1 << 20;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dialect">Which keys it may have.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or something in it is wrong.</exception>
    public static DaemonConfiguration Load(string path, ConfigurationDialect dialect) => Parse(ReadText(path), path, dialect);

    /// <summary>Reads a text.</summary>
    /// <param name="text">The whole configuration.</param>
    /// <param name="file">How the file is called in messages.</param>
    /// <param name="dialect">Which keys it may have.</param>
    /// <exception cref="ConfigurationException">Something in it is wrong.</exception>
    public static DaemonConfiguration Parse(string text, string file, ConfigurationDialect dialect) => new ConfigurationReader(file, dialect).Read(ParseTable(text, file));

    /// <summary>Reads a document of another kind, for a reader of its own.</summary>
    internal static ConfigurationTable LoadTable(string path) => ParseTable(ReadText(path), path);

    private static ConfigurationTable ParseTable(string text, string file)
    {
        try
        {
            return new ConfigurationTable(file, TomlParser.Parse(text));
        }
        catch (TomlException wrong)
        {
            throw new ConfigurationException(file, wrong.Position, wrong.Message, wrong);
        }
    }

    private static string ReadText(string path)
    {
        if (path.Length == 0) throw new ConfigurationException("''", null, "the configuration has no name; give the path of a file");
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] bytes = new byte[LargestFile + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > LargestFile) throw new ConfigurationException(path, null, $"the file is larger than {LargestFile >> 20} MiB; is it a configuration?");
            return Decode(path, bytes.AsSpan(0, length));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new ConfigurationException(path, null, $"the configuration cannot be read: {failure.Message}", failure);
        }
    }

    private static string Decode(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException wrong)
        {
            ReadOnlySpan<byte> before = bytes[..Math.Clamp(wrong.Index, 0, bytes.Length)];
            var place = new TomlPosition(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
            throw new ConfigurationException(path, place, "the file is not UTF-8; save it as UTF-8", wrong);
        }
    }
}
