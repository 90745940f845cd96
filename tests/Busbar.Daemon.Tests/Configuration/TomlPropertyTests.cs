// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Busbar.Daemon;
using FsCheck;
using FsCheck.Fluent;

namespace Busbar.Daemon.Tests;

/// <summary>Whatever is written comes back, and whatever is read either means something or is refused in words.</summary>
public sealed class TomlPropertyTests
{
    [Fact]
    public void Parse_AnyStringAsBasicString_ComesBack() => Prop.ForAll<string>(text =>
    {
        string clean = Clean(text);
        return TomlTests.Show(TomlParser.Parse($"a = {Quote(clean)}")) == $"{{a:\"{clean}\"}}";
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_AnyStringAsKey_ComesBack() => Prop.ForAll<string>(text =>
    {
        string clean = Clean(text);
        TomlTable table = TomlParser.Parse($"{Quote(clean)} = 1");
        return table.Keys.Single() == clean;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_AnyIntegerInAnyBase_ComesBack() => Prop.ForAll<long>(number =>
    {
        long positive = number & long.MaxValue;
        string text = $"a = {number}\nb = 0x{positive:x}\nc = 0b{Convert.ToString(positive, 2)}\nd = 0o{Convert.ToString(positive, 8)}";
        return TomlTests.Show(TomlParser.Parse(text)) == string.Create(CultureInfo.InvariantCulture, $"{{a:{number},b:{positive},c:{positive},d:{positive}}}");
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_PiecesOfToml_AreReadOrRefusedWithAPlaceInside()
    {
        Gen<string> piece = Gen.Elements("a", "b", ".", "=", " ", "\n", "[", "]", "[[", "]]", "{", "}", ",", "\"", "'", "\"\"\"", "'''", "\\", "#", "1", "0x", "_", "-", "true", "1.5", "\r\n", "\t", "é", "\0");
        Arbitrary<string[]> documents = piece.ArrayOf().ToArbitrary();
        Prop.ForAll(documents, pieces =>
        {
            string text = string.Concat(pieces);
            try
            {
                TomlParser.Parse(text);
            }
            catch (TomlException refusal)
            {
                int lines = text.Count(character => character == '\n') + 1;
                return refusal.Position.Line >= 1 && refusal.Position.Line <= lines && refusal.Position.Column >= 1 && !refusal.Message.Contains('\n', StringComparison.Ordinal);
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static string Clean(string? text) => new([.. (text ?? "").Where(character => !char.IsSurrogate(character))]);

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            if (character is '"' or '\\' || char.IsControl(character)) quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }
}
